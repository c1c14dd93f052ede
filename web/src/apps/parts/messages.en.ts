import type { Translation } from '@/shared/i18n'
import type { zh } from './messages'

export default {
  'app.staff': 'Rapport Staff',
  'app.customer': 'Rapport',
  'app.admin': 'Rapport Admin',
  'nav.settings': 'Settings',
  'update.text': 'A new version is ready',
  'update.reload': 'Reload',
} satisfies Translation<typeof zh>
