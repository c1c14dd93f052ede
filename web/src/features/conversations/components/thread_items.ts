/** What a thread draws: rows with times between them, a mark where the news begin, and messages in groups. */
import type { Entry } from '@/contract/types'
import { dayNumber } from '@/shared/format'
import type { ThreadRow } from '../store'

export type MessageRow = Exclude<ThreadRow, { kind: 'gap' }>

export type ThreadItem =
  | { readonly kind: 'time'; readonly key: string; readonly at: number }
  | { readonly kind: 'unread'; readonly key: string }
  | { readonly kind: 'line'; readonly key: string; readonly entry: Entry }
  | { readonly kind: 'recalled'; readonly key: string; readonly entry: Entry; readonly own: boolean }
  | { readonly kind: 'gap'; readonly key: string; readonly after: number; readonly before: number | null }
  | {
      readonly kind: 'message'
      readonly key: string
      readonly row: MessageRow
      readonly own: boolean
      /** The first and the last of those that one person said in one go. */
      readonly first: boolean
      readonly last: boolean
    }

const PAUSE_US = 30 * 60 * 1_000_000
const BREATH_US = 3 * 60 * 1_000_000
/** Every zone of the world is a multiple of this away from UTC, so that no midnight lies inside one. */
const QUARTER_US = 15 * 60 * 1_000_000

export function isOwnRow(row: MessageRow): boolean {
  return row.kind === 'echo' || row.own
}

export function timeOf(row: MessageRow): number {
  return row.kind === 'echo' ? row.echo.created_at * 1000 : row.entry.sent_at
}

function senderOf(row: MessageRow): string {
  return row.kind === 'echo' || row.own ? 'own' : (row.entry.sender ?? '')
}

function isSaid(row: MessageRow): boolean {
  return row.kind === 'echo' || (row.entry.kind !== 'system' && row.entry.body !== null)
}

/** `unreadAfter`: the first entry of somebody else behind this seq is where the news begin. */
export function threadItems(rows: readonly ThreadRow[], unreadAfter: number | null): ThreadItem[] {
  const items: ThreadItem[] = []
  let previous: MessageRow | null = null
  let isMarked = unreadAfter === null

  for (const row of rows) {
    if (row.kind === 'gap') {
      items.push(row)
      previous = null
      continue
    }
    const at = timeOf(row)
    const before = items.length
    if (previous === null || isPause(timeOf(previous), at)) items.push({ kind: 'time', key: `time ${row.key}`, at })
    if (!isMarked && row.kind === 'entry' && !row.own && row.entry.kind !== 'system' && row.entry.seq > (unreadAfter ?? 0)) {
      items.push({ kind: 'unread', key: 'unread' })
      isMarked = true
    }
    const joins = items.length === before && previous !== null && isSaid(previous) && goesOn(previous, row, at)
    if (!isSaid(row)) {
      const { entry, own } = row as Extract<MessageRow, { kind: 'entry' }>
      items.push(entry.kind === 'system' ? { kind: 'line', key: row.key, entry } : { kind: 'recalled', key: row.key, entry, own })
    } else {
      const last = items.at(-1)
      if (joins && last?.kind === 'message') items[items.length - 1] = { ...last, last: false }
      items.push({ kind: 'message', key: row.key, row, own: isOwnRow(row), first: !joins, last: true })
    }
    previous = row
  }
  return items
}

function isPause(before: number, after: number): boolean {
  if (after - before > PAUSE_US) return true
  return Math.floor(before / QUARTER_US) !== Math.floor(after / QUARTER_US) && dayNumber(before) !== dayNumber(after)
}

function goesOn(previous: MessageRow, row: MessageRow, at: number): boolean {
  return senderOf(previous) === senderOf(row) && at - timeOf(previous) < BREATH_US
}
