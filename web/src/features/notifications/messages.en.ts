import type { Translation } from '@/shared/i18n'
import type { zh } from './messages'

export default {
  'push.title': 'Notifications',
  'push.switch': 'Tell me of new messages while the app is closed',
  'push.hint': 'For this device only, until you sign out.',
  'push.insecure': 'Open this address over HTTPS to get notifications.',
  'push.install_first': 'On an iPhone, add the app to the home screen first and open it from there; then turn notifications on here.',
  'push.unsupported': 'This browser cannot show notifications. Try another one, or install the app to the home screen first.',
  'push.blocked': 'This device does not allow notifications. Allow them in the browser’s settings of this site, then turn them on here.',
  'push.dismissed': 'Notifications were not allowed yet. Tap the switch again and choose “Allow”.',
  'push.no_service': 'It could not be turned on: this browser’s push service does not answer. Try again later, or with another browser.',
  'push.failed': 'The server cannot be reached, so nothing changed. Check the network and try again.',
} satisfies Translation<typeof zh>
