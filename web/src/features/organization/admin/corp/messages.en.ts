import type { Translation } from '@/shared/i18n'
import type { zh } from './messages'

export default {
  'corp.title': 'Company',
  'corp.names': 'Names and time zone',
  'corp.verified': 'Verified',
  'corp.unverified': 'Not verified',
  'corp.verified_at': 'verified on',
  'corp.id': 'Company id',
  'corp.save': 'Save',
  'corp.saved': 'The company is saved',
  'field.name': 'Full name',
  'field.short_name': 'Short name',
  'field.short_name.hint': 'Also the company code members sign in with.',
  'field.zone': 'Time zone',
  'field.zone.hint': 'Times here and in conversations are shown in it.',
  'badge.preview': 'The badge customers see',
  'badge.example': 'Chen Xiaoming',
  'logo.title': 'Logo',
  'logo.text': 'On the landing page and in the middle of every code. A square picture works best.',
  'logo.alt': 'Logo of {name}',
  'logo.saved': 'The logo is changed',
  'logo.removed': 'The logo is removed; codes now show the first character of the short name',
} satisfies Translation<typeof zh>
