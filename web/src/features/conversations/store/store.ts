/** Holds the state, lets events at it, and tells who listens. */
import type { ConversationsState, ConversationSurface, StoreEvent } from './model'
import { emptyState } from './model'
import { reduce } from './reduce'

export type StoreListener = (state: ConversationsState, event: StoreEvent, before: ConversationsState) => void

export interface Store {
  readonly state: ConversationsState
  dispatch(event: StoreEvent): void
  listen(listener: StoreListener): () => void
}

export function createStore(surface: ConversationSurface, userid: string | null): Store {
  let state = emptyState(surface, userid)
  const listeners = new Set<StoreListener>()
  return {
    get state() {
      return state
    },
    dispatch(event) {
      const before = state
      state = reduce(before, event)
      for (const listener of [...listeners]) listener(state, event, before)
    },
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
