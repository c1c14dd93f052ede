import { defineMessages } from '@/shared/i18n'

export const zh = {
  'picture.choose': '选择图片',
  'picture.change': '更换',
  'picture.remove': '移除',
  'picture.uploading': '正在上传图片',
} as const

export const t = defineMessages(zh, { en: () => import('./messages.en') })
