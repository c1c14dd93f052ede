/** How the machinery's numbers are said. */
import type { FollowerPlace, Operations } from '@/contract/generated'
import { formatBytes, formatNumber } from '@/shared/format'
import { t } from './messages'

const SECOND_US = 1_000_000

/** 0.4 s · 12 s · 3 min · 2 h: how long something waits, never rounded to nothing. */
export function formatLag(seconds: number): string {
  if (seconds < 10) return t('lag.seconds', { count: formatNumber(Math.round(seconds * 10) / 10) })
  if (seconds < 120) return t('lag.seconds', { count: formatNumber(Math.round(seconds)) })
  if (seconds < 7200) return t('lag.minutes', { count: formatNumber(Math.round(seconds / 60)) })
  return t('lag.hours', { count: formatNumber(Math.round(seconds / 3600)) })
}

/** The follower that is furthest behind, in seconds. */
export const worstLag = (followers: readonly FollowerPlace[]): number => Math.max(0, ...followers.map((one) => one.behind_us / SECOND_US))

export function growthText(bytes: number | null): string {
  if (bytes === null) return t('storage.growth.unknown')
  const size = formatBytes(Math.abs(bytes))
  return bytes < 0 ? t('storage.growth.less', { size }) : t('storage.growth.more', { size })
}

/** The latest whole minute; null before the first has passed. */
export const lastMinute = ({ sending }: Operations): number | null => sending.per_minute.at(-1) ?? null

export const milliseconds = (value: number | null): string => (value === null ? t('figure.none') : t('figure.ms', { value: formatNumber(value) }))
