/** What the socket says, as events of the store. */
import type { ServerFrame } from '../../../contract/frames'
import { isOwn } from './model'
import type { ConversationsState, StoreEvent } from './model'
import type { Store } from './store'
import type { Typing } from './typing'

export interface ReceiveOptions {
  store: Store
  typing: Typing
  onWelcome: () => void
  /** The cursor is behind: pull before trusting what is held. */
  onResync: () => void
}

export function receiveFrames(options: ReceiveOptions): (frame: ServerFrame) => void {
  const { store, typing } = options
  return (frame) => {
    switch (frame.type) {
      case 'welcome':
        store.dispatch({ type: 'epoch_seen', epoch: frame.epoch })
        options.onWelcome()
        if (frame.resync || store.state.cursor === null) options.onResync()
        return
      case 'resync':
        return options.onResync()
      case 'entry': {
        // Its cursor is left alone: only an answer to a sync proves that nothing before it was lost.
        const { conversation_id, entry } = frame
        store.dispatch({ type: 'entry_pushed', conversation_id, entry })
        if (entry.sender !== null) typing.ended(conversation_id, entry.sender)
        return
      }
      case 'read': {
        const { conversation_id, person, read_seq, read_count } = frame
        return store.dispatch({ type: 'read_moved', conversation_id, person, read_seq, read_count })
      }
      case 'conversation':
        return store.dispatch({ type: 'row_pushed', row: frame.conversation })
      case 'typing':
        if (!isOwn(store.state, frame.person)) typing.heard(frame.conversation_id, frame.person)
        return
      case 'pong':
        for (const [conversation_id, seq] of Object.entries(frame.stale)) {
          store.dispatch({ type: 'head_seen', conversation_id, seq })
        }
    }
  }
}

/** An own entry that arrived proves that its message was sent, even if the answer was lost. */
export function provenSends(state: ConversationsState, event: StoreEvent): [clientId: string, seq: number][] {
  if (event.type !== 'entry_pushed' && event.type !== 'page_received') return []
  const waiting = (state.echoes.get(event.conversation_id) ?? []).filter((echo) => echo.seq === null)
  if (waiting.length === 0) return []
  const entries = event.type === 'entry_pushed' ? [event.entry] : event.items
  return entries.flatMap((entry) =>
    isOwn(state, entry.sender) && waiting.some((echo) => echo.client_id === entry.client_id)
      ? [[entry.client_id ?? '', entry.seq] as [string, number]]
      : [],
  )
}
