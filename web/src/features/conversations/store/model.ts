/** The state of the conversations on this device, and everything that can happen to it. */
import type { Body, Conversation, Entry } from '../../../contract/types'
import type { Runs } from './ranges'

export type ConversationSurface = 'staff' | 'consumer'

/** One line of the conversation list. */
export interface Row {
  readonly conversation: Conversation
  /** The state's revision when its settings were last pushed; an older answer must not undo them. */
  readonly settings_revision: number
  /** The highest seq known to exist; more than the conversation's `last_seq` means that news are missing. */
  readonly head: number
  /** An entry before the newest was missed, perhaps the recall of the one in the preview: read the row anew. */
  readonly holed: boolean
}

/** What this device holds of one open conversation. */
export interface Thread {
  /** Answers to questions of an earlier opening are dropped. */
  readonly generation: number
  readonly loaded: boolean
  readonly runs: Runs
  /** Everything up to here has been applied in order; the next entry to apply is `tail + 1`. */
  readonly tail: number
  /** The highest seq known to exist; more than `tail` means a hole. */
  readonly head: number
  /** Recalled seqs, also of entries that this device does not hold: a stale copy loses to the recall. */
  readonly recalled: ReadonlySet<number>
  /** The first visible entry is held: nothing older to load. */
  readonly complete: boolean
}

export type EchoState = 'queued' | 'sending' | 'failed' | 'sent'

export interface EchoProblem {
  readonly code: string
  readonly title: string
  readonly detail: string
}

/** A file that is not on the server yet. */
export interface Attachment {
  readonly kind: 'image' | 'file' | 'voice'
  readonly name: string
  readonly mime: string
  readonly size: number
  readonly duration_ms: number | null
  readonly blob: Blob
}

/** A message of one's own that is not in the log yet. */
export interface Echo {
  readonly client_id: string
  readonly conversation_id: string
  /** Local order; the same in every tab. */
  readonly position: number
  readonly created_at: number
  readonly state: EchoState
  /** null while its file is not uploaded; then `attachment` says what it is. */
  readonly body: Body | null
  readonly attachment: Attachment | null
  /** Share of the upload between 0 and 1. */
  readonly progress: number | null
  readonly problem: EchoProblem | null
  /** Its place in the log once the server acknowledged it. */
  readonly seq: number | null
  /** A refused message stays after the entry it was sent after; others stay at the end. */
  readonly anchor_seq: number | null
}

export interface Counts {
  readonly waiting: number
  readonly unread: number
}

export interface ConversationsState {
  readonly surface: ConversationSurface
  /** The member's userid; null for a consumer. */
  readonly userid: string | null
  readonly epoch: string | null
  readonly cursor: string | null
  /** Grows with every event; orders answers against pushes. */
  readonly revision: number
  /** The revision at which everything was last dropped; answers to older questions are too. */
  readonly born: number
  readonly rows: ReadonlyMap<string, Row>
  /** Conversations that something was pushed for and that are not held, with the highest seq seen: their rows are to be read. */
  readonly unlisted: ReadonlyMap<string, number>
  readonly threads: ReadonlyMap<string, Thread>
  readonly echoes: ReadonlyMap<string, readonly Echo[]>
  /** Conversations with somebody waiting, and with something unread, over all of them, held here or not. */
  readonly counts: Counts
  /** The revision at which a push last moved the counts. */
  readonly counts_revision: number
  /** True when a push touched a conversation that was not held here: ask for the counts anew. */
  readonly counts_doubtful: boolean
}

/** `newest` replaces what it does not touch; `newer` follows the tail; `between` fills in older runs. */
export type PagePart = 'newest' | 'newer' | 'between'

export type StoreEvent =
  | { type: 'epoch_seen'; epoch: string }
  | { type: 'started_over' }
  | { type: 'cursor_moved'; cursor: string }
  | { type: 'rows_received'; rows: readonly Conversation[]; counts: Counts | null; asked: number }
  | { type: 'row_pushed'; row: Conversation }
  | { type: 'row_gone'; conversation_id: string }
  | { type: 'settings_chosen'; conversation_id: string; settings: Settings }
  | { type: 'entry_pushed'; conversation_id: string; entry: Entry }
  | { type: 'head_seen'; conversation_id: string; seq: number }
  | { type: 'recall_acked'; conversation_id: string; target_seq: number; seq: number }
  | { type: 'read_moved'; conversation_id: string; person: string; read_seq: number; read_count: number }
  | { type: 'own_read_moved'; conversation_id: string; read_seq: number; read_count: number }
  | { type: 'thread_opened'; conversation_id: string }
  | { type: 'thread_closed'; conversation_id: string }
  | { type: 'thread_trimmed'; conversation_id: string; anchor: number }
  | { type: 'cache_read'; conversation_id: string; generation: number; entries: readonly Entry[] }
  | {
      type: 'page_received'
      conversation_id: string
      generation: number
      part: PagePart
      items: readonly Entry[]
      /** The highest seq that was asked for; null when the question had no upper end. */
      through: number | null
      /** Nothing older exists than the first item. */
      reaches_start: boolean
    }
  | { type: 'echo_put'; echo: Echo }
  | { type: 'echo_removed'; conversation_id: string; client_id: string }

export interface Settings {
  pinned?: boolean
  muted?: boolean
  marked_unread?: boolean
  /** Only `false` can be chosen: done with this customer for now. */
  waiting?: false
}

export function emptyState(surface: ConversationSurface, userid: string | null): ConversationsState {
  return {
    surface,
    userid,
    epoch: null,
    cursor: null,
    revision: 1,
    born: 0,
    rows: new Map(),
    unlisted: new Map(),
    threads: new Map(),
    echoes: new Map(),
    counts: { waiting: 0, unread: 0 },
    counts_revision: 0,
    counts_doubtful: true,
  }
}

/**
 * Whether a person id is the one who uses this device. A customer conversation has exactly one
 * consumer, so on the consumer's surface every `c:` is oneself.
 */
export function isOwn(state: Pick<ConversationsState, 'surface' | 'userid'>, person: string | null): boolean {
  if (person === null) return false
  return state.surface === 'staff' ? person === `m:${state.userid ?? ''}` : person.startsWith('c:')
}

export function unreadOf(conversation: Conversation): number {
  return Math.max(0, conversation.count - conversation.read_count)
}

/** Something new, or marked by hand to come back to. */
export function hasUnread(conversation: Conversation): boolean {
  return conversation.marked_unread || unreadOf(conversation) > 0
}
