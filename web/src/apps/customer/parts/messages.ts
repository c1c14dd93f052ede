import { defineMessages } from '@/shared/i18n'

export const zh = {
  'install.title': '放到桌面',
  'install.text': '像应用一样打开，没有网络时也能看已有的对话。',
  'install.action': '添加到主屏幕',
  'install.how': '怎么添加',
  'install.done': '已经在主屏幕上了',
  'install.later': '以后再说',
  'install.sheet': '添加到主屏幕',
  'install.ios.share': '点浏览器底部的分享按钮',
  'install.ios.add': '往下滑，选“添加到主屏幕”',
  'install.ios.open': '以后从桌面图标打开',
  'install.menu.share': '打开浏览器的菜单',
  'install.menu.add': '选“安装应用”或“添加到主屏幕”',
  'install.menu.open': '以后从图标打开',
  'install.insecure': '这里不是 HTTPS 连接，浏览器不能安装，也不能离线打开。',
} as const

export const t = defineMessages(zh, { en: () => import('./messages.en') })
