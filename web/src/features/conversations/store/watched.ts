/** What is on screen: typing signals and the heartbeat apply to these conversations. */
import type { Store } from './store'

export interface Watched {
  /** Counted, since two panes may show one conversation. Returns how to end it. */
  add(conversationId: string): () => void
  /** The last applied seq of each, for the heartbeat. */
  seqs(): Record<string, number>
  /** A new connection knows nothing of the former one. */
  tellAgain(): void
}

/** As many as the server listens to. */
export const MOST_WATCHED = 20

export function watchThreads(store: Store, tell: (ids: string[]) => void): Watched {
  const counts = new Map<string, number>()
  const ids = () => [...counts.keys()].slice(-MOST_WATCHED)
  return {
    add(conversationId) {
      counts.set(conversationId, (counts.get(conversationId) ?? 0) + 1)
      tell(ids())
      let isOver = false
      return () => {
        if (isOver) return
        isOver = true
        const rest = (counts.get(conversationId) ?? 1) - 1
        if (rest > 0) counts.set(conversationId, rest)
        else counts.delete(conversationId)
        tell(ids())
      }
    },
    seqs() {
      return Object.fromEntries(
        ids().map((id) => [
          id,
          store.state.threads.get(id)?.tail ?? store.state.rows.get(id)?.conversation.last_seq ?? 0,
        ]),
      )
    },
    tellAgain: () => tell(ids()),
  }
}
