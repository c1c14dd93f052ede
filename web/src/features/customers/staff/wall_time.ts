/** Between a date field, which knows no zone, and the wire, in the company's zone. */

/** `2026-11-21T09:30` as the wall of the zone shows it. */
export function wallOf(micros: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
  }).formatToParts(micros / 1000)
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? ''
  return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}`
}

export function microsOf(wall: string, zone: string): number {
  const asUtc = Date.parse(`${wall}Z`)
  const offset = (at: number) => Date.parse(`${wallOf(at * 1000, zone)}Z`) - Math.floor(at / 60_000) * 60_000
  const guess = asUtc - offset(asUtc)
  // The offset at the guess: right also beside a change of summer time.
  return (asUtc - offset(guess)) * 1000
}
