/** How far one has read: shown at once, told to the server at most every two seconds per conversation. */
import { isPassing } from '../../../shared/net/api'
import { ApiProblem } from '../../../shared/net/problems'
import type { Store } from './store'
import type { Tabs } from './tabs'

export interface Reads {
  mark(conversationId: string, seq: number): void
  /** Says again what could not be said. */
  hurry(): void
  stop(): void
}

export interface ReadsOptions {
  store: Store
  tabs: Tabs
  tell: (conversationId: string, seq: number) => Promise<{ read_seq: number; read_count: number }>
}

export const READ_EVERY_MS = 2_000
export const AGAIN_AFTER_MS = 15_000

interface Cursor {
  wanted: number
  told: number
  telling: boolean
  told_at: number
  timer: ReturnType<typeof setTimeout> | undefined
}

export function createReads(options: ReadsOptions): Reads {
  const { store, tabs } = options
  const cursors = new Map<string, Cursor>()
  let stopped = false

  const tell = async (conversationId: string, cursor: Cursor) => {
    if (stopped || cursor.telling || cursor.wanted <= cursor.told) return
    const seq = cursor.wanted
    cursor.telling = true
    cursor.told_at = Date.now()
    try {
      const read = await options.tell(conversationId, seq)
      cursor.told = Math.max(cursor.told, seq)
      store.dispatch({ type: 'own_read_moved', conversation_id: conversationId, ...read })
    } catch (error) {
      if (!isPassing(error) && !(error instanceof ApiProblem)) throw error
      // Refused for good is as good as told; what may pass is said again when the link is back, or soon if it never went.
      if (!isPassing(error)) cursor.told = Math.max(cursor.told, seq)
      else again(conversationId, cursor)
      return
    } finally {
      cursor.telling = false
    }
    schedule(conversationId, cursor)
  }

  const schedule = (conversationId: string, cursor: Cursor) => {
    if (stopped || cursor.wanted <= cursor.told) return
    clearTimeout(cursor.timer)
    const rest = cursor.told_at + READ_EVERY_MS - Date.now()
    cursor.timer = setTimeout(() => void tell(conversationId, cursor), Math.max(0, rest))
  }

  const again = (conversationId: string, cursor: Cursor) => {
    clearTimeout(cursor.timer)
    cursor.timer = setTimeout(() => void tell(conversationId, cursor), AGAIN_AFTER_MS)
  }

  const move = (conversationId: string, readSeq: number, readCount: number) => {
    store.dispatch({
      type: 'own_read_moved',
      conversation_id: conversationId,
      read_seq: readSeq,
      read_count: readCount,
    })
  }

  const forget = tabs.listen((message) => {
    if (message.type === 'read') move(message.conversation_id, message.read_seq, message.read_count)
  })

  return {
    mark(conversationId, seq) {
      const row = store.state.rows.get(conversationId)?.conversation
      const entry = store.state.threads
        .get(conversationId)
        ?.runs.at(-1)
        ?.findLast((each) => each.seq <= seq)
      if (row === undefined || entry === undefined || (entry.seq <= row.read_seq && !row.marked_unread)) return
      const fresh: Cursor = {
        wanted: 0,
        told: row.read_seq - (row.marked_unread ? 1 : 0),
        telling: false,
        told_at: 0,
        timer: undefined,
      }
      const cursor = cursors.get(conversationId) ?? fresh
      cursors.set(conversationId, cursor)
      if (row.marked_unread) {
        // The server takes the mark away together with the cursor, also when that does not move.
        cursor.told = Math.min(cursor.told, entry.seq - 1)
        store.dispatch({ type: 'settings_chosen', conversation_id: conversationId, settings: { marked_unread: false } })
      }
      cursor.wanted = Math.max(cursor.wanted, entry.seq)
      move(conversationId, entry.seq, entry.count)
      tabs.post({ type: 'read', conversation_id: conversationId, read_seq: entry.seq, read_count: entry.count })
      schedule(conversationId, cursor)
    },
    hurry() {
      for (const [conversationId, cursor] of cursors) schedule(conversationId, cursor)
    },
    stop() {
      stopped = true
      forget()
      for (const cursor of cursors.values()) clearTimeout(cursor.timer)
    },
  }
}
