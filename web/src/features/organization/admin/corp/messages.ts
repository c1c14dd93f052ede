import { defineMessages } from '@/shared/i18n'

export const zh = {
  'corp.title': '企业资料',
  'corp.names': '名称与时区',
  'corp.verified': '企业已认证',
  'corp.unverified': '企业未认证',
  'corp.verified_at': '认证于',
  'corp.id': '企业编号',
  'corp.save': '保存',
  'corp.saved': '企业资料已保存',
  'field.name': '企业全称',
  'field.short_name': '企业短名',
  'field.short_name.hint': '也是成员登录时填的企业代码。',
  'field.zone': '时区',
  'field.zone.hint': '管理后台和聊天里的时间按这个时区显示。',
  'badge.preview': '客户看到的标识',
  'badge.example': '陈晓明',
  'logo.title': '企业标志',
  'logo.text': '出现在扫码页和二维码中间。建议用方形图片。',
  'logo.alt': '{name}的标志',
  'logo.saved': '企业标志已更换',
  'logo.removed': '企业标志已移除，二维码中间改为短名的第一个字',
} as const

export const t = defineMessages(zh, { en: () => import('./messages.en') })
