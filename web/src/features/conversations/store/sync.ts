/** What changed while this device was away: one cursor, and no partial recovery. */
import type { Calls } from './calls'
import type { Store } from './store'

export interface SyncRunner {
  /** Resolves when the list is in step; rejects like any call. Asked during a run, it runs once more. */
  run(): Promise<void>
}

export function createSync(store: Store, calls: Calls): SyncRunner {
  let running: Promise<void> | null = null
  let again: Promise<void> | null = null

  const pull = async (): Promise<void> => {
    for (;;) {
      const { cursor, epoch, revision: asked } = store.state
      if (cursor === null) return startFresh()
      const answer = await calls.sync(cursor)
      store.dispatch({ type: 'epoch_seen', epoch: answer.epoch })
      if (answer.reset || store.state.epoch !== epoch) {
        store.dispatch({ type: 'started_over' })
        return startFresh()
      }
      store.dispatch({ type: 'rows_received', rows: answer.conversations, counts: null, asked })
      store.dispatch({ type: 'cursor_moved', cursor: answer.cursor })
      if (!answer.more) return
    }
  }

  /** The cursor is read before the list, so that what changes in between is seen twice rather than never. */
  const startFresh = async (): Promise<void> => {
    const { cursor, epoch } = await calls.sync(null)
    const asked = store.state.revision
    const page = await calls.list('all', null)
    store.dispatch({ type: 'epoch_seen', epoch })
    store.dispatch({ type: 'rows_received', rows: page.items, counts: page.counts, asked })
    store.dispatch({ type: 'cursor_moved', cursor })
  }

  const start = (): Promise<void> => {
    const run = pull().finally(() => {
      running = null
    })
    running = run
    return run
  }

  return {
    run() {
      if (running === null) return start()
      again ??= running
        .catch(() => undefined)
        .then(() => {
          again = null
          return running ?? start()
        })
      return again
    },
  }
}
