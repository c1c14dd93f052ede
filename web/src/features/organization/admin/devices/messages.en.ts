import type { Translation } from '@/shared/i18n'
import type { zh } from './messages'

export default {
  'devices.title': 'Devices',
  'devices.text': 'Where members are signed in.',
  'devices.empty': 'No device is signed in',
  'devices.empty.member': 'This member is not signed in on any device.',
  'filter.member': 'Member',
  'filter.clear': 'Show all members',
  'column.person': 'Member and device',
  'column.surface': 'Used for',
  'column.ip': 'Address',
  'column.created': 'Signed in',
  'column.seen': 'Last seen',
  'column.expires': 'Valid until',
  'surface.staff': 'Staff app',
  'surface.admin': 'Administration',
  'surface.consumer': 'Customer app',
  'surface.operator': 'Platform',
  'person.unknown': 'Unknown member',
  'device.unknown': 'Unknown device',
  'device.current': 'This device',
  'end.name': 'Sign {name} out on this device',
  'end.title': 'Sign {name} out?',
  'end.text': '“{device}” is signed out at once and has to sign in again.',
  'end.action': 'Sign out',
  'end.done': 'The device is signed out',
} satisfies Translation<typeof zh>
