/** A date and time field speaks of the wall clock; the company's zone says which moment that is. */

function wallClock(micros: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: zone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23',
    year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  }).formatToParts(new Date(micros / 1000))
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value)
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
}

/** `2026-11-21T18:30`, for a datetime-local field. */
export function toFieldTime(micros: number, zone: string): string {
  return new Date(wallClock(micros, zone)).toISOString().slice(0, 16)
}

/** Microseconds since the epoch; null for what is not a time. An hour that the clocks skip becomes the one after it. */
export function fromFieldTime(text: string, zone: string): number | null {
  const wanted = Date.parse(`${text}Z`)
  if (!/^\d{4,}-\d\d-\d\dT\d\d:\d\d$/.test(text) || Number.isNaN(wanted)) return null
  const offsetAt = (ms: number) => wallClock(ms * 1000, zone) - Math.floor(ms / 1000) * 1000
  const guess = wanted - offsetAt(wanted)
  return (wanted - offsetAt(guess)) * 1000
}
