import type { Translation } from '@/shared/i18n'
import type { zh } from './messages'

export default {
  'nav.messages': 'Messages',
  'nav.contacts': 'Contacts',
  'nav.code': 'My code',
  'nav.me': 'Me',
  'contacts.title': 'Contacts',
  'contacts.parts': 'Contacts',
  'contacts.customers': 'Customers',
  'contacts.requests': 'Requests',
  'contacts.members': 'Colleagues',
  'contacts.none': 'Choose somebody',
  'contacts.talk_failed': 'The conversation could not be opened; check the network and try again',
} satisfies Translation<typeof zh>
