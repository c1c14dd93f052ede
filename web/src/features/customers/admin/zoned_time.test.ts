import { expect, it } from 'vitest'
import { fromFieldTime, toFieldTime } from './zoned_time'

it('reads a field in the company’s zone, whatever the device’s is', () => {
  expect(fromFieldTime('2026-11-21T08:00', 'Asia/Shanghai')).toBe(Date.UTC(2026, 10, 21) * 1000)
  expect(fromFieldTime('2026-11-21T08:00', 'America/New_York')).toBe(Date.UTC(2026, 10, 21, 13) * 1000)
})

it('is its own inverse, around changes of the clock too', () => {
  for (const zone of ['Asia/Shanghai', 'Europe/Berlin', 'Asia/Kolkata', 'America/St_Johns']) {
    for (const text of ['2026-03-29T01:30', '2026-03-29T03:30', '2026-07-01T00:00', '2026-10-25T12:05', '2026-12-31T23:59']) {
      expect(toFieldTime(fromFieldTime(text, zone)!, zone), `${zone} ${text}`).toBe(text)
    }
  }
})

it('takes nothing that is no time', () => {
  expect([fromFieldTime('', 'UTC'), fromFieldTime('soon', 'UTC'), fromFieldTime('2026-13-01T00:00', 'UTC')]).toEqual([null, null, null])
})
