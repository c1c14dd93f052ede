import { defineMessages } from '@/shared/i18n'

export const zh = {
  'frame.menu': '菜单',
  'frame.admin': '管理后台',
  'frame.skip': '跳到内容',
  'frame.offline': '离线：看到的是之前的内容，改动要等恢复后再做。',
  'nav.overview': '总览',
  'nav.group.organization': '组织',
  'nav.members': '成员',
  'nav.departments': '部门',
  'nav.group.customers': '客户联系',
  'nav.ways': '联系二维码',
  'nav.welcomes': '欢迎语',
  'nav.group.company': '企业',
  'nav.corp': '企业资料',
  'nav.policies': '规则',
  'nav.group.system': '安全与系统',
  'nav.devices': '登录设备',
  'nav.operations': '运行状况',
  'nav.settings': '设置',
  'settings.password': '密码、头像和自我介绍在员工端修改。',
  'settings.staff': '打开员工端',
} as const

export const t = defineMessages(zh, { en: () => import('./messages.en') })
