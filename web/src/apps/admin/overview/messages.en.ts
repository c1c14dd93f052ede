import type { Translation } from '@/shared/i18n'
import type { zh } from './messages'

export default {
  'overview.title': 'Overview',
  'overview.as_of': 'As of',
  'overview.refresh': 'Refresh',
  'number.more': '{count}+',
  'figure.members': 'Active members',
  'figure.invited': 'Not in yet',
  'figure.codes': 'Open codes',
  'figure.sockets': 'Live connections',
  'todo.title': 'To do',
  'todo.none': 'Nothing needs you now',
  'todo.none.text': 'Every member is in and verified, every welcome was sent, and the system runs.',
  'todo.all': 'Show all',
  'todo.members': 'Show members',
  'todo.invited': 'Invited and not in yet: {count}',
  'todo.invited.text': 'Their links may have expired; new ones can be made.',
  'todo.unverified': 'Real name not verified: {count}',
  'todo.unverified.text': 'Until then they cannot serve customers.',
  'todo.welcomes': 'Welcomes not sent: {count}',
  'todo.welcomes.text': 'Of the latest {read}. Each says why.',
  'todo.welcomes.link': 'Show the log',
  'todo.operations': 'Not finished by the system: {count}',
  'todo.operations.text': 'Parked facts and failed jobs can be tried again.',
  'todo.operations.link': 'Have a look',
} satisfies Translation<typeof zh>
