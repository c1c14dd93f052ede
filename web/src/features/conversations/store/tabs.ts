/** Keeps the tabs of one browser in step: drafts, what was read, what is being sent, who is signed in. */
import type { ConversationSurface, Echo } from './model'

export type TabMessage =
  | { type: 'account'; account: string }
  | { type: 'signed_out' }
  | { type: 'echo'; echo: Echo }
  | { type: 'echo_gone'; conversation_id: string; client_id: string }
  /** Whoever sends should look at the queue now. */
  | { type: 'send_now' }
  | { type: 'cancel'; client_id: string }
  | { type: 'draft'; conversation_id: string; text: string }
  | { type: 'read'; conversation_id: string; read_seq: number; read_count: number }

export interface Tabs {
  post(message: TabMessage): void
  /** Returns how to stop listening. */
  listen(listener: (message: TabMessage) => void): () => void
  close(): void
}

export function openTabs(surface: ConversationSurface): Tabs {
  const channel = typeof BroadcastChannel === 'function' ? new BroadcastChannel(`rapport-${surface}`) : null
  let closed = false
  const listeners = new Set<(message: TabMessage) => void>()
  if (channel !== null) {
    // Only this app of this origin writes to the channel.
    channel.onmessage = (event: MessageEvent<TabMessage>) => {
      for (const listener of [...listeners]) listener(event.data)
    }
  }
  return {
    post(message) {
      if (!closed) channel?.postMessage(message)
    },
    listen(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    close() {
      closed = true
      listeners.clear()
      channel?.close()
    },
  }
}
