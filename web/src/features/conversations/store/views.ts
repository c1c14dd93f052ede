/** What the screens show of the state: a list by segment, and a thread with one's own messages in their places. */
import type { Conversation, Entry } from '../../../contract/types'
import { anchorOf, compareEchoes } from './echoes'
import { hasUnread, isOwn } from './model'
import type { ConversationsState, Echo, Row, Thread } from './model'
import { firstSeq, lastSeq } from './ranges'

type Reader = Pick<ConversationsState, 'surface' | 'userid'>

export type Segment = 'all' | 'waiting' | 'unread' | 'direct' | 'group' | 'customer'

/** `key` stays the same when a message of one's own becomes an entry, so that its bubble is never made anew. */
export type ThreadRow =
  | { readonly kind: 'entry'; readonly key: string; readonly entry: Entry; readonly own: boolean }
  | { readonly kind: 'echo'; readonly key: string; readonly echo: Echo }
  /** Entries after `after` and before `before` are missing here; `before` null: the newest ones, under way already. */
  | { readonly kind: 'gap'; readonly key: string; readonly after: number; readonly before: number | null }

/** Recalls are not rows of their own: the entry they name is shown as a stub. */
export function threadRows(reader: Reader, thread: Thread | undefined, echoes: readonly Echo[]): ThreadRow[] {
  const runs = thread?.runs ?? []
  const arrived = new Set(
    runs.flat().flatMap((entry) => (isOwn(reader, entry.sender) && entry.client_id !== null ? [entry.client_id] : [])),
  )
  const waiting = echoes
    .filter((echo) => !arrived.has(echo.client_id))
    .sort((one, other) => anchorOf(one) - anchorOf(other) || compareEchoes(one, other))
  const rows: ThreadRow[] = []
  const putEchoes = (before: number) => {
    while (waiting[0] !== undefined && anchorOf(waiting[0]) < before) {
      const echo = waiting.shift()
      if (echo !== undefined) rows.push({ kind: 'echo', key: ownKey(echo.client_id), echo })
    }
  }
  for (const [index, run] of runs.entries()) {
    const previous = runs[index - 1]
    if (previous !== undefined) {
      rows.push({ kind: 'gap', key: `gap ${lastSeq(previous)}`, after: lastSeq(previous), before: firstSeq(run) })
    }
    for (const entry of run) {
      putEchoes(entry.seq)
      if (entry.kind !== 'recall') rows.push(entryRow(reader, entry))
    }
  }
  if (thread?.loaded && thread.head > thread.tail && !isOnlyOwn(waiting, thread.tail, thread.head)) {
    putEchoes(thread.tail + 1)
    rows.push({ kind: 'gap', key: 'gap end', after: thread.tail, before: null })
  }
  putEchoes(Number.POSITIVE_INFINITY)
  for (const echo of waiting) rows.push({ kind: 'echo', key: ownKey(echo.client_id), echo })
  return rows
}

/** Between an acknowledgement and its entry the log is one step ahead: that is no gap to speak of. */
function isOnlyOwn(echoes: readonly Echo[], tail: number, head: number): boolean {
  const known = new Set(echoes.flatMap((echo) => (echo.seq === null ? [] : [echo.seq])))
  for (let seq = tail + 1; seq <= head; seq += 1) if (!known.has(seq)) return false
  return true
}

function entryRow(reader: Reader, entry: Entry): ThreadRow {
  const own = isOwn(reader, entry.sender)
  return { kind: 'entry', key: own && entry.client_id !== null ? ownKey(entry.client_id) : `#${entry.seq}`, entry, own }
}

function ownKey(clientId: string): string {
  return `own ${clientId}`
}

/** How far a segment has been read from the server; rows beyond are known by chance and would pretend to be complete. */
export interface Horizon {
  readonly at: number
  readonly conversation_id: string
}

/** The rows of a segment in the server's order; `horizon` null: read to the end. */
export function listRows(rows: ReadonlyMap<string, Row>, segment: Segment, horizon: Horizon | null): Conversation[] {
  const order = segment === 'waiting' ? compareWaiting : compareLatest(segment === 'all')
  return [...rows.values()]
    .map((row) => row.conversation)
    .filter((row) => belongs(row, segment) && isWithin(row, segment, horizon))
    .sort(order)
}

export function horizonOf(row: Conversation, segment: Segment): Horizon {
  return { at: sortTime(row, segment), conversation_id: row.conversation_id }
}

function belongs(row: Conversation, segment: Segment): boolean {
  switch (segment) {
    case 'all':
      return true
    case 'waiting':
      return row.waiting_since !== null
    case 'unread':
      return hasUnread(row)
    default:
      return row.kind === segment
  }
}

function isWithin(row: Conversation, segment: Segment, horizon: Horizon | null): boolean {
  if (horizon === null || (segment === 'all' && row.pinned)) return true
  const at = sortTime(row, segment)
  if (at !== horizon.at) return segment === 'waiting' ? at < horizon.at : at > horizon.at
  return segment === 'waiting'
    ? row.conversation_id <= horizon.conversation_id
    : row.conversation_id >= horizon.conversation_id
}

function sortTime(row: Conversation, segment: Segment): number {
  return segment === 'waiting' ? (row.waiting_since ?? 0) : row.last_at
}

/** Who has waited longest comes first. */
function compareWaiting(one: Conversation, other: Conversation): number {
  return (
    (one.waiting_since ?? 0) - (other.waiting_since ?? 0) || compareText(one.conversation_id, other.conversation_id)
  )
}

function compareLatest(pinnedFirst: boolean): (one: Conversation, other: Conversation) => number {
  return (one, other) =>
    (pinnedFirst ? Number(other.pinned) - Number(one.pinned) : 0) ||
    other.last_at - one.last_at ||
    compareText(other.conversation_id, one.conversation_id)
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
