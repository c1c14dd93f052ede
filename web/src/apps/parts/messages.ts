import { defineMessages } from '@/shared/i18n'

export const zh = {
  'app.staff': 'Rapport 员工',
  'app.customer': 'Rapport',
  'app.admin': 'Rapport 管理',
  'nav.settings': '设置',
  'update.text': '有新版本',
  'update.reload': '重新载入',
} as const

export const t = defineMessages(zh, { en: () => import('./messages.en') })
