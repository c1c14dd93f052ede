/** Times on the wire are microseconds UTC; people read them in the company's zone (product: Asia/Shanghai unless it says otherwise). */
import { readonly, ref } from 'vue'
import { currentLocale } from '../i18n'

export const DEFAULT_TIME_ZONE = 'Asia/Shanghai'
const zone = ref(DEFAULT_TIME_ZONE)
export const timeZone = readonly(zone)

/** The company's zone; one this browser does not know is refused and the present one kept. */
export function setTimeZone(name: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    zone.value = name
  } catch {
    console.warn(`Unknown time zone ${name}; times stay in ${zone.value}`)
  }
}

const formats = new Map<string, Intl.DateTimeFormat>()

function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${currentLocale()} ${zone.value} ${JSON.stringify(options)}`
  let found = formats.get(key)
  if (!found) {
    found = new Intl.DateTimeFormat(currentLocale(), { timeZone: zone.value, ...options })
    formats.set(key, found)
  }
  return found
}

const dateOf = (micros: number) => new Date(micros / 1000)

/** Days since the epoch on the wall of the zone: equal numbers are the same day. */
export function dayNumber(micros: number): number {
  const parts = format({ year: 'numeric', month: 'numeric', day: 'numeric', calendar: 'gregory', numberingSystem: 'latn' })
    .formatToParts(dateOf(micros))
  const part = (type: string) => Number(parts.find((each) => each.type === type)?.value)
  return Date.UTC(part('year'), part('month') - 1, part('day')) / 86_400_000
}

const CLOCK = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const

/** 09:42 */
export function formatClock(micros: number): string {
  return format(CLOCK).format(dateOf(micros))
}

/** 今天 · 昨天 · 星期三 · 10月28日 · 2025年10月28日 */
export function formatDay(micros: number, now: number = nowMicros()): string {
  const days = dayNumber(micros) - dayNumber(now)
  if (days === 0 || days === -1 || days === 1) {
    const word = new Intl.RelativeTimeFormat(currentLocale(), { numeric: 'auto' }).format(days, 'day')
    return word.charAt(0).toLocaleUpperCase(currentLocale()) + word.slice(1)
  }
  if (days < 0 && days > -7) return format({ weekday: 'long' }).format(dateOf(micros))
  if (sameYear(micros, now)) return format({ month: 'short', day: 'numeric' }).format(dateOf(micros))
  return format({ year: 'numeric', month: 'short', day: 'numeric' }).format(dateOf(micros))
}

function sameYear(first: number, second: number): boolean {
  const year = format({ year: 'numeric' })
  return year.format(dateOf(first)) === year.format(dateOf(second))
}

/** A list's right edge: the clock today, else the day. */
export function formatListTime(micros: number, now: number = nowMicros()): string {
  return dayNumber(micros) === dayNumber(now) ? formatClock(micros) : formatDay(micros, now)
}

/** 今天 09:36: above a group of messages, in a log. */
export function formatDayAndClock(micros: number, now: number = nowMicros()): string {
  return `${formatDay(micros, now)} ${formatClock(micros)}`
}

/** 2026年11月21日 09:36: where nothing may be left to guess. */
export function formatExact(micros: number): string {
  return format({ year: 'numeric', month: 'long', day: 'numeric', ...CLOCK }).format(dateOf(micros))
}

export function formatDate(micros: number): string {
  return format({ year: 'numeric', month: 'short', day: 'numeric' }).format(dateOf(micros))
}

const STEPS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** 5 分钟前 */
export function formatAgo(micros: number, now: number = nowMicros()): string {
  const seconds = (micros - now) / 1_000_000
  const [unit, size] = STEPS.find(([, each]) => Math.abs(seconds) >= each) ?? ['minute', 60]
  return new Intl.RelativeTimeFormat(currentLocale(), { numeric: 'auto' }).format(Math.trunc(seconds / size), unit)
}

/** 1:05, of a voice message. */
export function formatDuration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

export function nowMicros(): number {
  return Date.now() * 1000
}
