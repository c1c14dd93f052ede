import type { Translation } from '@/shared/i18n'
import type { zh } from './messages'

export default {
  'frame.menu': 'Menu',
  'frame.admin': 'Administration',
  'frame.skip': 'Skip to the content',
  'frame.offline': 'Offline: this is what was there before; changes have to wait.',
  'nav.overview': 'Overview',
  'nav.group.organization': 'Organization',
  'nav.members': 'Members',
  'nav.departments': 'Departments',
  'nav.group.customers': 'Customers',
  'nav.ways': 'Contact codes',
  'nav.welcomes': 'Welcome',
  'nav.group.company': 'Company',
  'nav.corp': 'Profile',
  'nav.policies': 'Policies',
  'nav.group.system': 'Security and system',
  'nav.devices': 'Devices',
  'nav.operations': 'Operations',
  'nav.settings': 'Settings',
  'settings.password': 'Password, picture and introduction are changed in the staff app.',
  'settings.staff': 'Open the staff app',
} satisfies Translation<typeof zh>
