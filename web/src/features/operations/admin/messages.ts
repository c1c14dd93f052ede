import { defineMessages } from '@/shared/i18n'

export const zh = {
  'operations.title': '运行状况',
  'operations.text': '系统自己没能做完的事，可以再试一次。',
  'operations.refresh': '刷新',
  'parked.title': '搁置的事件',
  'parked.text': '多次处理失败，其他事件照常处理。',
  'parked.none': '没有搁置的事件',
  'jobs.title': '失败的任务',
  'jobs.text': '试过多次后放弃的后台任务。',
  'jobs.none': '没有失败的任务',
  'fact.kind': '事件',
  'fact.error': '错误',
  'fact.attempts': '已试次数',
  'fact.at': '搁置时间',
  'job.kind': '任务',
  'job.at': '放弃时间',
  'replay.fact': '重新处理事件 {id}',
  'replay.job': '重新运行任务 {id}',
  'replay.done': '已重新交给系统处理',
  'followers.title': '后续处理',
  'followers.text': '根据事件更新列表、回执和搜索的程序，以及各自的进度。',
  'follower.name': '名称',
  'follower.cursor': '进度',
  'follower.lag': '状态',
  'follower.current': '已跟上',
  'follower.behind': '落后 {count, plural, other {# 个事件}}',
  'sockets': '这台服务器现有 {count} 个实时连接',
} as const

export const t = defineMessages(zh, { en: () => import('./messages.en') })
