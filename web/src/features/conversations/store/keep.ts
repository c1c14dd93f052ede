/** Carries what happens in the store into the cache, one write after the other, and back when a thread opens. */
import type { Conversation, Entry } from '../../../contract/types'
import type { Cache } from './cache'
import { MOST_ENTRIES } from './calls'
import type { Calls } from './calls'
import type { ConversationsState, StoreEvent } from './model'
import type { Store } from './store'

export interface Keeper {
  /** Shows the list of the last visit until the server answers. */
  restore(): Promise<void>
  restoreThread(conversationId: string): Promise<void>
  /** After a sync: copies of closed threads learn what happened meanwhile, above all what was recalled. */
  catchUp(): Promise<void>
  /** Writes what is waiting; resolves when it is written. */
  flush(): Promise<void>
  /** Resolves when the last write is over, so that the database can be closed or wiped. */
  stop(): Promise<void>
}

export interface KeepOptions {
  store: Store
  cache: Cache
  calls: Pick<Calls, 'entries'>
  /** One tab writes list and cursor, so that they always belong together. */
  isLeader: () => boolean
}

const WRITE_AFTER_MS = 800

export function keepCache(options: KeepOptions): Keeper {
  const { store, cache } = options
  let pushed = new Map<string, Entry[]>()
  let saved: ReadonlyMap<string, Conversation> = new Map()
  let queue: Promise<void> = Promise.resolve()
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false

  /** What was read before everything was dropped is not written after it. */
  const write = (task: () => Promise<void>): Promise<void> => {
    const { born } = store.state
    queue = queue.then(async () => {
      if (!stopped && born === store.state.born) await task()
    })
    return queue
  }

  const flush = (): Promise<void> => {
    clearTimeout(timer)
    timer = undefined
    const entries = pushed
    pushed = new Map()
    for (const [id, items] of entries) void write(() => saveRuns(id, items))
    return write(saveList)
  }

  const saveRuns = async (id: string, items: readonly Entry[]) => {
    for (const run of runsOf(items)) await cache.saveEntries(id, run)
  }

  const saveList = async () => {
    const { epoch, cursor, rows } = store.state
    if (!options.isLeader() || epoch === null || cursor === null) return
    const now = new Map([...rows].map(([id, row]) => [id, row.conversation]))
    const changed = [...now.values()].filter((row) => saved.get(row.conversation_id) !== row)
    saved = now
    await cache.saveSnapshot({ epoch, cursor, rows: changed })
  }

  const flushSoon = () => {
    timer ??= setTimeout(() => void flush(), WRITE_AFTER_MS)
  }

  const notice = (state: ConversationsState, event: StoreEvent, before: ConversationsState) => {
    if (state.born !== before.born) {
      pushed = new Map()
      saved = new Map()
      void write(() => cache.wipe())
      return
    }
    switch (event.type) {
      case 'entry_pushed': {
        const { conversation_id: id, entry } = event
        pushed.set(id, [...(pushed.get(id) ?? []), entry])
        // What is recalled leaves the disk now, not in a second.
        if (entry.kind === 'recall') void flush()
        break
      }
      case 'page_received':
        void write(() => cache.saveEntries(event.conversation_id, event.items))
        break
      case 'recall_acked':
        void write(() => cache.recall(event.conversation_id, event.target_seq))
        break
      case 'row_gone':
        void write(() => cache.forget(event.conversation_id))
        break
    }
    flushSoon()
  }
  const forget = store.listen(notice)

  return {
    flush,
    async restore() {
      const snapshot = await cache.readSnapshot()
      if (snapshot === null || store.state.cursor !== null) return
      store.dispatch({ type: 'epoch_seen', epoch: snapshot.epoch })
      store.dispatch({ type: 'rows_received', rows: snapshot.rows, counts: null, asked: store.state.revision })
      store.dispatch({ type: 'cursor_moved', cursor: snapshot.cursor })
    },
    async restoreThread(id) {
      const generation = store.state.threads.get(id)?.generation
      const { epoch } = store.state
      if (generation === undefined) return
      const entries = await cache.readEntries(id)
      if (epoch !== store.state.epoch || entries.length === 0) return
      store.dispatch({ type: 'cache_read', conversation_id: id, generation, entries })
    },
    async catchUp() {
      if (!options.isLeader()) return
      await queue
      for (const [id, last] of await cache.coverage()) {
        const row = store.state.rows.get(id)
        if (stopped || row === undefined || store.state.threads.has(id) || row.conversation.last_seq <= last) continue
        const { items, more } = await options.calls.entries(id, { after: last }, MOST_ENTRIES)
        const follows = !more && items[0]?.seq === last + 1
        await write(() => (follows ? cache.saveEntries(id, items) : cache.forget(id)))
      }
    },
    stop() {
      stopped = true
      forget()
      clearTimeout(timer)
      return queue
    },
  }
}

/** Pushes may have been lost in between: only what is consecutive belongs together. */
function runsOf(items: readonly Entry[]): Entry[][] {
  const runs: Entry[][] = []
  for (const entry of items) {
    const open = runs[runs.length - 1]
    if (open !== undefined && open[open.length - 1]?.seq === entry.seq - 1) open.push(entry)
    else runs.push([entry])
  }
  return runs
}
