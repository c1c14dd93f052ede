import { describe, expect, it } from 'vitest'
import { microsOf, wallOf } from './wall_time'

describe('a date field in the company’s zone', () => {
  it('reads the wall of the zone, wherever the browser is', () => {
    expect(microsOf('2026-11-21T09:30', 'Asia/Shanghai')).toBe(Date.UTC(2026, 10, 21, 1, 30) * 1000)
  })

  it.each(['Asia/Shanghai', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'UTC'])('goes there and back in %s', (zone) => {
    for (const wall of ['2026-01-01T00:00', '2026-03-29T12:15', '2026-07-01T23:59', '2026-10-25T12:00', '2030-12-31T08:05']) {
      expect(wallOf(microsOf(wall, zone), zone)).toBe(wall)
    }
  })
})
