import { defineMessages } from '@/shared/i18n'

export const zh = {
  'devices.title': '登录设备',
  'devices.text': '成员现在登录着的设备。',
  'devices.empty': '没有登录中的设备',
  'devices.empty.member': '这位成员现在没有在任何设备上登录。',
  'filter.member': '成员',
  'filter.clear': '看全部成员',
  'column.person': '成员和设备',
  'column.surface': '用于',
  'column.ip': '网络地址',
  'column.created': '登录时间',
  'column.seen': '最近使用',
  'column.expires': '有效期至',
  'surface.staff': '员工端',
  'surface.admin': '管理后台',
  'surface.consumer': '客户端',
  'surface.operator': '平台运营端',
  'person.unknown': '未知成员',
  'device.unknown': '未知设备',
  'device.current': '本机',
  'end.name': '让 {name} 在这台设备上退出',
  'end.title': '让 {name} 退出登录？',
  'end.text': '“{device}”会立即退出，对方需要重新登录。',
  'end.action': '退出登录',
  'end.done': '这台设备已退出',
} as const

export const t = defineMessages(zh, { en: () => import('./messages.en') })
