import type { Translation } from '@/shared/i18n'
import type { zh } from './messages'

export default {
  'call.offline': 'The server cannot be reached; nothing was changed. Check the network and try again.',
  'form.fields': 'Something has to be corrected; it is marked below.',
  'load.offline': 'The server cannot be reached. Check the network and try again.',
  'load.forbidden': 'You may not see this',
  'load.forbidden.text': 'An owner of the company can make you an administrator under “Members”.',
  'copy.action': 'Copy',
  'copy.done': 'Copied',
  'copy.by_hand': 'The browser does not allow copying. The text is selected: press Ctrl+C or ⌘C.',
} satisfies Translation<typeof zh>
