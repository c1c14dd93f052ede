/**
 * Fetches what the state shows to be missing. It looks at the state alone, so that a lost push, a
 * reordered one, a reconnect and a freshly opened thread are all mended by the same lines.
 */
import { isPassing, retryDelay } from '../../../shared/net/api'
import { createBackoff } from '../../../shared/net/backoff'
import type { Backoff } from '../../../shared/net/backoff'
import { ApiProblem } from '../../../shared/net/problems'
import { MOST_ENTRIES, PAGE_ENTRIES } from './calls'
import type { Calls } from './calls'
import type { Store } from './store'
import { findWants, wantKey } from './wants'
import type { Want } from './wants'

export interface Follower {
  /** The network is back: what failed is asked again now. */
  hurry(): void
  stop(): void
}

export interface FollowOptions {
  store: Store
  calls: Calls
  /** Many rows behind are read with one sync instead. */
  sync: () => Promise<void>
  onProblem: (conversationId: string, problem: Error | null) => void
}

/** A push that is only late or out of order closes its hole itself within this time. */
const GRACE_MS = 200
const COUNTS_EVERY_MS = 5_000
const FIRST_COUNTS_MS = 1_500
const MANY_ROWS = 10
/** Questions that belong to no conversation. */
const SHARED: ReadonlySet<string> = new Set(['rows', 'counts'])

export function followWants(options: FollowOptions): Follower {
  const { store, calls } = options
  const asking = new Set<string>()
  const failed = new Map<string, { backoff: Backoff; until: number }>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let due = Number.POSITIVE_INFINITY
  // The first page of the list brings the counts along; only a start without it asks for them.
  let counted = Date.now() - COUNTS_EVERY_MS + FIRST_COUNTS_MS
  let stopped = false

  const look = () => {
    due = Number.POSITIVE_INFINITY
    if (stopped) return
    const wants = findWants(store.state)
    const keys = new Set(wants.map(wantKey))
    for (const key of failed.keys()) if (!keys.has(key) && !SHARED.has(key)) failed.delete(key)
    const rows = wants.filter((want) => want.kind === 'row')
    if (rows.length > MANY_ROWS) ask('rows', null, options.sync)
    for (const want of wants) {
      if (want.kind !== 'row' || rows.length <= MANY_ROWS)
        ask(wantKey(want), want.conversation_id, () => fetchWant(want))
    }
    askCounts()
  }

  const askCounts = () => {
    if (!store.state.counts_doubtful || asking.has('counts')) return
    const rest = counted + COUNTS_EVERY_MS - Date.now()
    if (rest > 0) return lookIn(rest)
    counted = Date.now()
    ask('counts', null, async () => {
      const asked = store.state.revision
      const page = await calls.list('all', null, 1)
      store.dispatch({ type: 'rows_received', rows: [], counts: page.counts, asked })
    })
  }

  const lookIn = (delay: number) => {
    const at = Date.now() + delay
    if (stopped || at >= due) return
    due = at
    clearTimeout(timer)
    timer = setTimeout(look, delay)
  }

  const ask = (key: string, conversationId: string | null, fetch: () => Promise<void>) => {
    const failure = failed.get(key)
    if (asking.has(key)) return
    if (failure !== undefined && failure.until > Date.now()) return lookIn(failure.until - Date.now())
    asking.add(key)
    fetch().then(
      () => {
        asking.delete(key)
        if (conversationId === null) {
          failed.delete(key)
          return
        }
        options.onProblem(conversationId, null)
        // The same thing missing after an answer is no reason to ask in a circle.
        setBack(key, 0)
      },
      (error: unknown) => {
        asking.delete(key)
        if (stopped) return
        if (!isPassing(error) && !(error instanceof ApiProblem)) throw error
        if (conversationId !== null && error instanceof Error) options.onProblem(conversationId, error)
        if (conversationId !== null && isGone(error))
          store.dispatch({ type: 'row_gone', conversation_id: conversationId })
        setBack(key, retryDelay(error, 0))
      },
    )
  }

  const setBack = (key: string, atLeast: number) => {
    const backoff = failed.get(key)?.backoff ?? createBackoff()
    const delay = Math.max(atLeast, backoff.next())
    failed.set(key, { backoff, until: Date.now() + delay })
    lookIn(GRACE_MS)
  }

  const fetchWant = async (want: Want): Promise<void> => {
    const id = want.conversation_id
    if (want.kind === 'row') {
      const asked = store.state.revision
      const row = await calls.get(id)
      store.dispatch({ type: 'rows_received', rows: [row], counts: null, asked })
      return
    }
    const isNewest = want.kind === 'newest'
    const range = isNewest ? { before: want.before } : { after: want.after }
    const { items, more } = await calls.entries(id, range, isNewest ? PAGE_ENTRIES : MOST_ENTRIES)
    store.dispatch({
      type: 'page_received',
      conversation_id: id,
      generation: want.generation,
      part: want.kind,
      items,
      through: isNewest ? want.before - 1 : null,
      reaches_start: isNewest && !more,
    })
  }

  const forget = store.listen((_state, event) =>
    lookIn(event.type === 'entry_pushed' || event.type === 'head_seen' ? GRACE_MS : 0),
  )
  lookIn(0)

  return {
    hurry() {
      failed.clear()
      lookIn(0)
    },
    stop() {
      stopped = true
      forget()
      clearTimeout(timer)
    },
  }
}

function isGone(error: unknown): boolean {
  return error instanceof ApiProblem && (error.status === 404 || error.status === 403)
}
