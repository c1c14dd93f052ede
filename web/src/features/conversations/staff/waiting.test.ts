import { describe, expect, it } from 'vitest'
import { waitingOf } from './waiting'

const MINUTE = 60_000_000
const NOW = 1_795_000_000_000_000

describe('how long a customer has waited', () => {
  it.each([
    [0, '刚刚来信', 'neutral'],
    [4, '等 4 分钟', 'neutral'],
    [5, '等 5 分钟', 'wait'],
    [9, '等 9 分钟', 'wait'],
    [10, '等 10 分钟', 'danger'],
    [59, '等 59 分钟', 'danger'],
    [130, '等 2 小时', 'danger'],
    [3 * 24 * 60, '等 3 天', 'danger'],
  ])('says %i minutes', (minutes, text, tone) => {
    expect(waitingOf(NOW - minutes * MINUTE, NOW)).toEqual({ text, tone })
  })

  it('says nothing of who does not wait, and nothing negative by a wrong clock', () => {
    expect(waitingOf(null, NOW)).toBeNull()
    expect(waitingOf(NOW + MINUTE, NOW)?.text).toBe('刚刚来信')
  })
})
