import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { setLocale } from '../i18n'
import { formatAgo, formatBadge, formatBytes, formatDay, formatDuration, formatListTime, setTimeZone, timeZone } from '.'

// Saturday, 21 November 2026, 00:30 in Shanghai; still Friday in UTC.
const NOW = Date.UTC(2026, 10, 20, 16, 30) * 1000
const HOUR = 3_600_000_000
const DAY = 24 * HOUR

beforeEach(() => setLocale('zh-CN', { remember: false }))
afterEach(() => setTimeZone('Asia/Shanghai'))

describe('a day', () => {
  it('turns at midnight of the company’s zone, not of UTC or the device', () => {
    expect(formatDay(NOW - HOUR, NOW)).toBe('昨天')
    setTimeZone('UTC')
    expect(formatDay(NOW - HOUR, NOW)).toBe('今天')
  })

  it('has a word, a weekday or a date, whichever says most with least', () => {
    expect(formatDay(NOW - 3 * DAY, NOW)).toBe('星期三')
    expect(formatDay(NOW - 40 * DAY, NOW)).toBe('10月12日')
    expect(formatDay(NOW - 400 * DAY, NOW)).toBe('2025年10月17日')
  })

  it('reads in English too', async () => {
    await setLocale('en', { remember: false })
    expect(formatDay(NOW - DAY, NOW)).toBe('Yesterday')
    expect(formatListTime(NOW - 60_000_000, NOW)).toBe('00:29')
  })
})

it('counts back in whole units', () => {
  expect(formatAgo(NOW - 5 * 60_000_000, NOW)).toBe('5分钟前')
  expect(formatAgo(NOW - 3 * HOUR, NOW)).toBe('3小时前')
})

it('keeps the present zone when the name is none', () => {
  setTimeZone('Mars/Olympus')
  expect(timeZone.value).toBe('Asia/Shanghai')
})

it('writes sizes, lengths and badges', () => {
  expect([formatBytes(0), formatBytes(900), formatBytes(1_500_000), formatBytes(25 * 1024 ** 2)]).toEqual(['0 B', '900 B', '1.4 MB', '25 MB'])
  expect([formatDuration(0), formatDuration(64_600)]).toEqual(['0:00', '1:05'])
  expect([formatBadge(99), formatBadge(100)]).toEqual(['99', '99+'])
})
