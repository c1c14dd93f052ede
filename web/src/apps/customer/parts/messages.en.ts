import type { Translation } from '@/shared/i18n'
import type { zh } from './messages'

export default {
  'install.title': 'On your home screen',
  'install.text': 'Opens like an app, and shows your chats without a network too.',
  'install.action': 'Add to home screen',
  'install.how': 'How to add it',
  'install.done': 'It is on your home screen',
  'install.later': 'Not now',
  'install.sheet': 'Add to home screen',
  'install.ios.share': 'Tap the share button at the bottom of the browser',
  'install.ios.add': 'Scroll down and choose “Add to Home Screen”',
  'install.ios.open': 'From now on, open it with its icon',
  'install.menu.share': 'Open the browser’s menu',
  'install.menu.add': 'Choose “Install app” or “Add to home screen”',
  'install.menu.open': 'From now on, open it with its icon',
  'install.insecure': 'This is not an HTTPS connection: the browser can neither install it nor open it offline.',
} satisfies Translation<typeof zh>
