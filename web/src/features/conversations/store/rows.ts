/** How a line of the list grows with the log, and how two versions of it become one. */
import type { Conversation, Entry } from '../../../contract/types'
import { hasUnread, isOwn } from './model'
import type { ConversationsState, Counts, Row, Settings } from './model'
import { eraseBody } from './ranges'

const MESSAGE_KINDS: ReadonlySet<Entry['kind']> = new Set(['text', 'image', 'file', 'voice', 'link'])

type Reader = Pick<ConversationsState, 'surface' | 'userid'>

/**
 * An answer and what has been pushed meanwhile become one row: the log's part follows the higher
 * seq, cursors never go back, and settings pushed after the question was asked stay.
 */
export function mergeRow(known: Row | undefined, incoming: Conversation, asked: number): Row {
  if (known === undefined)
    return { conversation: incoming, settings_revision: 0, head: incoming.last_seq, holed: false }
  const local = known.conversation
  const isCurrent = incoming.last_seq >= local.last_seq
  const settings = known.settings_revision > asked ? local : incoming
  const log = isCurrent ? incoming : local
  const read = incoming.read_seq >= local.read_seq ? incoming : local
  return {
    settings_revision: known.settings_revision,
    head: Math.max(known.head, incoming.last_seq),
    holed: known.holed && !isCurrent,
    conversation: {
      ...settings,
      last_seq: log.last_seq,
      count: log.count,
      last: log.last,
      last_at: log.last_at,
      read_seq: read.read_seq,
      read_count: Math.max(incoming.read_count, local.read_count),
      reads: mergeReads(local.reads, incoming.reads),
    },
  }
}

/** The row after an entry of its log; an entry that it knows already only erases what it recalls. */
export function advanceRow(row: Row, entry: Entry, reader: Reader): Row {
  const erased = eraseRecalled(row, entry)
  const { conversation } = erased
  if (entry.seq <= conversation.last_seq) return erased
  const isMessage = entry.kind !== 'recall'
  const advanced: Conversation = {
    ...conversation,
    last_seq: entry.seq,
    count: Math.max(conversation.count, entry.count),
    last: isMessage ? entry : conversation.last,
    last_at: isMessage ? entry.sent_at : conversation.last_at,
  }
  return {
    ...erased,
    head: Math.max(erased.head, entry.seq),
    holed: erased.holed || entry.seq > conversation.last_seq + 1,
    conversation: answerWith(advanced, entry, reader),
  }
}

/**
 * What sending does besides appending, as on the server: what a person typed themselves, on whatever
 * device, is no news to them; a customer's message begins the wait, a member's own answer ends it.
 * Automatic entries and control entries do neither.
 */
function answerWith(conversation: Conversation, entry: Entry, reader: Reader): Conversation {
  if (entry.automatic || !MESSAGE_KINDS.has(entry.kind) || entry.sender === null) return conversation
  const read = isOwn(reader, entry.sender)
    ? { ...readOwn(conversation, entry), marked_unread: false }
    : conversation
  if (reader.surface !== 'staff' || read.kind !== 'customer') return read
  const isCustomer = entry.sender.startsWith('c:')
  return { ...read, waiting_since: isCustomer ? (read.waiting_since ?? entry.sent_at) : null }
}

/** The cursor follows one's own message only when nothing of others lies unread before it. */
function readOwn(conversation: Conversation, own: Entry): Conversation {
  return conversation.read_count >= own.count - 1
    ? moveOwnRead(conversation, own.seq, own.count)
    : { ...conversation, read_count: conversation.read_count + 1 }
}

export function moveOwnRead(conversation: Conversation, readSeq: number, readCount: number): Conversation {
  if (readSeq < conversation.read_seq) return conversation
  if (readSeq === conversation.read_seq && readCount <= conversation.read_count) return conversation
  return { ...conversation, read_seq: readSeq, read_count: Math.max(readCount, conversation.read_count) }
}

export function moveRead(conversation: Conversation, person: string, readSeq: number): Conversation {
  return { ...conversation, reads: mergeReads(conversation.reads, [{ person, read_seq: readSeq }]) }
}

export function chooseSettings(conversation: Conversation, settings: Settings): Conversation {
  return {
    ...conversation,
    pinned: settings.pinned ?? conversation.pinned,
    muted: settings.muted ?? conversation.muted,
    marked_unread: settings.marked_unread ?? conversation.marked_unread,
    waiting_since: settings.waiting === false ? null : conversation.waiting_since,
  }
}

/** What one row adds to the numbers on the tabs; muted conversations do not call for attention. */
export function countsOf(row: Row | undefined): Counts {
  if (row === undefined) return { waiting: 0, unread: 0 }
  const { waiting_since, muted } = row.conversation
  return { waiting: waiting_since === null ? 0 : 1, unread: hasUnread(row.conversation) && !muted ? 1 : 0 }
}

function eraseRecalled(row: Row, entry: Entry): Row {
  const { last } = row.conversation
  if (entry.kind !== 'recall' || last === null || last.body === null || last.seq !== entry.target_seq) return row
  return { ...row, conversation: { ...row.conversation, last: eraseBody(last) } }
}

function mergeReads(known: Conversation['reads'], incoming: Conversation['reads']): Conversation['reads'] {
  const bySeq = new Map(known.map((read) => [read.person, read]))
  for (const read of incoming) {
    const before = bySeq.get(read.person)
    if (before === undefined || read.read_seq > before.read_seq) bySeq.set(read.person, read)
  }
  return [...bySeq.values()]
}

/** The row itself shows that the server knows more. */
export function isBehind(row: Row): boolean {
  return row.holed || row.head > row.conversation.last_seq
}
