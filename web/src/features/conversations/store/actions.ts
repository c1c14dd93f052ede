/** What a person does with a conversation besides writing: open, scroll back, recall, pin, mute, mark. */
import { MOST_ENTRIES, PAGE_ENTRIES } from './calls'
import type { Calls } from './calls'
import type { Settings } from './model'
import { firstSeq } from './ranges'
import type { Store } from './store'

export interface Actions {
  /** Counted: a thread stays as long as somebody shows it. Returns how to close it. */
  openThread(conversationId: string): () => void
  loadOlder(conversationId: string): Promise<void>
  /** Reads what trimming dropped, from the side one comes from. */
  fillGap(conversationId: string, gap: { after: number; before: number | null }, from: 'above' | 'below'): Promise<void>
  recall(conversationId: string, seq: number): Promise<void>
  change(conversationId: string, settings: Settings): Promise<void>
}

export interface ActionsOptions {
  store: Store
  calls: Calls
  /** Resolves with the seq of the recall itself. */
  recall: (conversationId: string, seq: number) => Promise<number>
  restoreThread: (conversationId: string) => Promise<void>
}

export function createActions(options: ActionsOptions): Actions {
  const { store, calls } = options
  const shown = new Map<string, number>()
  const loading = new Map<string, Promise<void>>()

  /** The same page is asked for once, however often the list scrolls into view. */
  const once = (key: string, task: () => Promise<void>): Promise<void> => {
    const known = loading.get(key)
    if (known !== undefined) return known
    const run = task().finally(() => loading.delete(key))
    loading.set(key, run)
    return run
  }

  const fetchBetween = async (id: string, range: { after: number } | { before: number }, limit: number) => {
    const generation = store.state.threads.get(id)?.generation
    if (generation === undefined) return
    const { items, more } = await calls.entries(id, range, limit)
    store.dispatch({
      type: 'page_received',
      conversation_id: id,
      generation,
      part: 'between',
      items,
      through: null,
      reaches_start: 'before' in range && !more,
    })
  }

  return {
    openThread(id) {
      const count = shown.get(id) ?? 0
      shown.set(id, count + 1)
      if (!store.state.threads.has(id)) {
        store.dispatch({ type: 'thread_opened', conversation_id: id })
        void options.restoreThread(id)
      }
      let isClosed = false
      return () => {
        if (isClosed) return
        isClosed = true
        const rest = (shown.get(id) ?? 1) - 1
        shown.set(id, rest)
        if (rest === 0) store.dispatch({ type: 'thread_closed', conversation_id: id })
      }
    },
    loadOlder(id) {
      const thread = store.state.threads.get(id)
      const before = firstSeq(thread?.runs[0] ?? [])
      if (thread === undefined || !thread.loaded || thread.complete || before === 0) return Promise.resolve()
      return once(`older ${id} ${before}`, () => fetchBetween(id, { before }, PAGE_ENTRIES))
    },
    fillGap(id, { after, before }, from) {
      // The gap at the end closes by itself.
      if (before === null) return Promise.resolve()
      const limit = Math.min(MOST_ENTRIES, PAGE_ENTRIES, before - after - 1)
      const range = from === 'above' ? { after } : { before }
      return once(`gap ${id} ${after} ${before} ${from}`, () => fetchBetween(id, range, limit))
    },
    async recall(id, target_seq) {
      const seq = await options.recall(id, target_seq)
      store.dispatch({ type: 'recall_acked', conversation_id: id, target_seq, seq })
    },
    async change(id, settings) {
      const before = store.state.rows.get(id)?.conversation
      store.dispatch({ type: 'settings_chosen', conversation_id: id, settings })
      const asked = store.state.revision
      try {
        const row = await calls.change(id, settings)
        store.dispatch({ type: 'rows_received', rows: [row], counts: null, asked })
      } catch (error) {
        const { revision } = store.state
        if (before !== undefined)
          store.dispatch({ type: 'rows_received', rows: [before], counts: null, asked: revision })
        throw error
      }
    },
  }
}
