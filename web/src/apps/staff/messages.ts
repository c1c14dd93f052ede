import { defineMessages } from '@/shared/i18n'

export const zh = {
  'nav.messages': '消息',
  'nav.contacts': '通讯录',
  'nav.code': '我的码',
  'nav.me': '我',
  'contacts.title': '通讯录',
  'contacts.parts': '通讯录',
  'contacts.customers': '客户',
  'contacts.requests': '等待通过',
  'contacts.members': '同事',
  'contacts.none': '选一个人看看',
  'contacts.talk_failed': '没能打开会话，请检查网络后再试',
} as const

export const t = defineMessages(zh, { en: () => import('./messages.en') })
