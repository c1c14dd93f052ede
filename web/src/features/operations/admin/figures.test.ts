import { describe, expect, it } from 'vitest'
import type { Operations } from '@/contract/generated'
import { formatLag, growthText, lastMinute, milliseconds, worstLag } from './figures'

describe('how the numbers of the machinery are said', () => {
  it.each([[0, '0 秒'], [0.04, '0 秒'], [0.44, '0.4 秒'], [61.4, '61 秒'], [150, '3 分钟'], [7300, '2 小时']])('%f seconds are %s', (seconds, text) => {
    expect(formatLag(seconds)).toBe(text)
  })

  it('takes the follower that is furthest behind, and nobody for zero', () => {
    const place = { name: 'a', cursor: 1, lag: 1, still_us: 0, parked: 0 }
    expect(worstLag([])).toBe(0)
    expect(worstLag([{ ...place, behind_us: 500_000 }, { ...place, behind_us: 3_000_000 }])).toBe(3)
  })

  it('says that growth is unknown rather than nought', () => {
    expect(growthText(null)).toContain('还不知道')
    expect(growthText(2048)).toBe('约 2 KB')
    expect(growthText(-2048)).toBe('约减少 2 KB')
  })

  it('knows no minute before the first has passed', () => {
    const state = (per_minute: number[]) => ({ sending: { per_minute, since: 0, p50_ms: null, p99_ms: null } }) as unknown as Operations
    expect(lastMinute(state([]))).toBeNull()
    expect(lastMinute(state([3, 0]))).toBe(0)
  })

  it('has no time where nothing was sent', () => {
    expect(milliseconds(null)).toBe('—')
    expect(milliseconds(1.8)).toBe('1.8 毫秒')
  })
})
