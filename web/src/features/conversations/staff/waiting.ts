/** How long a customer has waited, in words, and how pressing that is: amber from 5 minutes, red from 10. */
import type { Tone } from '@/ui'
import { t } from './messages'

const MINUTE_US = 60_000_000
const PRESSING_MIN = 5
const OVERDUE_MIN = 10

export interface Waiting {
  readonly text: string
  readonly tone: Tone
}

export function waitingOf(since: number | null, now: number): Waiting | null {
  if (since === null) return null
  const minutes = Math.max(0, Math.floor((now - since) / MINUTE_US))
  return { text: textOf(minutes), tone: minutes >= OVERDUE_MIN ? 'danger' : minutes >= PRESSING_MIN ? 'wait' : 'neutral' }
}

function textOf(minutes: number): string {
  if (minutes < 1) return t('row.wait.now')
  if (minutes < 60) return t('row.wait.minutes', { count: minutes })
  if (minutes < 24 * 60) return t('row.wait.hours', { count: Math.floor(minutes / 60) })
  return t('row.wait.days', { count: Math.floor(minutes / (24 * 60)) })
}
