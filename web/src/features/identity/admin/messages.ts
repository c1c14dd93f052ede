import { defineMessages } from '@/shared/i18n'

export const zh = {
  'call.offline': '连不上服务器，没有改动任何内容。检查网络后再试一次。',
  'form.fields': '有内容需要修改，已在下面标出。',
  'load.offline': '连不上服务器。检查网络后再试一次。',
  'load.forbidden': '没有权限查看',
  'load.forbidden.text': '企业的超级管理员可以在“成员”里给你管理员角色。',
  'copy.action': '复制',
  'copy.done': '已复制',
  'copy.by_hand': '浏览器不允许自动复制，内容已选中，请按 Ctrl+C 或 ⌘C。',
} as const

export const t = defineMessages(zh, { en: () => import('./messages.en') })
