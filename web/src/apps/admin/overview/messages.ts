import { defineMessages } from '@/shared/i18n'

export const zh = {
  'overview.title': '总览',
  'overview.as_of': '更新于',
  'overview.refresh': '刷新',
  'number.more': '{count}+',
  'figure.members': '已激活成员',
  'figure.invited': '待激活',
  'figure.codes': '使用中的二维码',
  'figure.sockets': '实时连接',
  'todo.title': '需要处理',
  'todo.none': '现在没有要处理的事',
  'todo.none.text': '成员都已激活并实名，欢迎语都发出去了，系统运行正常。',
  'todo.all': '查看全部',
  'todo.members': '查看成员',
  'todo.invited': '{count} 位成员还没有激活',
  'todo.invited.text': '邀请链接可能过期了，可以再生成一个。',
  'todo.unverified': '{count} 位成员还没有实名',
  'todo.unverified.text': '实名之前不能接待客户。',
  'todo.welcomes': '{count} 条欢迎语没有发出',
  'todo.welcomes.text': '最近 {read} 条里的。原因写在每一条后面。',
  'todo.welcomes.link': '查看发送记录',
  'todo.operations': '{count} 件事系统没能做完',
  'todo.operations.text': '搁置的事件和失败的任务可以再试一次。',
  'todo.operations.link': '去处理',
} as const

export const t = defineMessages(zh, { en: () => import('./messages.en') })
