import { defineMessages } from '@/shared/i18n'

export const zh = {
  'push.title': '消息通知',
  'push.switch': '应用关闭时提醒我新消息',
  'push.hint': '只对这台设备生效，退出登录后关闭。',
  'push.insecure': '用 HTTPS 打开这个地址，才能收到通知。',
  'push.install_first': '在 iPhone 上，先把应用添加到主屏幕，再从主屏幕打开它，就能在这里开启通知。',
  'push.unsupported': '这个浏览器收不了通知。换一个浏览器，或把应用安装到主屏幕后再试。',
  'push.blocked': '这台设备不允许通知。在浏览器的网站设置里允许后，回到这里开启。',
  'push.dismissed': '还没有允许通知。再点一次开关，选择“允许”。',
  'push.no_service': '没能开启：连不上这个浏览器的推送服务。过一会儿再试，或换一个浏览器。',
  'push.failed': '连不上服务器，没有改动。检查网络后再试一次。',
} as const

export const t = defineMessages(zh, { en: () => import('./messages.en') })
