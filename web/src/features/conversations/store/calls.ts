/** The server's routes for conversations, typed; the same on the staff's and the consumer's surface. */
import type {
  Body,
  Conversation,
  ConversationPage,
  EntryRange,
  File,
  ReadState,
  Sent,
  Sync,
} from '../../../contract/types'
import type { Api } from '../../../shared/net/api'
import type { Attachment, Settings } from './model'
import type { Segment } from './views'

export const PAGE_ROWS = 30
export const PAGE_ENTRIES = 50
/** The most that one question about entries may ask for. */
export const MOST_ENTRIES = 200

export interface Calls {
  list(segment: Segment, after: string | null, limit?: number): Promise<ConversationPage>
  get(id: string): Promise<Conversation>
  entries(id: string, range: { after: number } | { before: number }, limit: number): Promise<EntryRange>
  send(id: string, clientId: string, body: Body): Promise<Sent>
  recall(id: string, clientId: string, seq: number): Promise<Sent>
  read(id: string, seq: number): Promise<ReadState>
  change(id: string, settings: Settings): Promise<Conversation>
  sync(cursor: string | null): Promise<Sync>
  upload(attachment: Attachment, onProgress: (share: number) => void, signal: AbortSignal): Promise<File>
}

export function conversationCalls(api: Api): Calls {
  const path = (id: string, rest = '') => `conversations/${encodeURIComponent(id)}${rest}`
  return {
    list: (segment, after, limit = PAGE_ROWS) => api.get('conversations', { query: { segment, after, limit } }),
    get: (id) => api.get(path(id)),
    entries: (id, range, limit) => api.get(path(id, '/entries'), { query: { ...range, limit } }),
    // Tried once: the queue tries again, and the client_id makes that safe.
    send: (id, client_id, body) => api.post(path(id, '/entries'), { client_id, body }),
    recall: (id, client_id, seq) =>
      api.post(path(id, `/entries/${seq}/recall`), { client_id }, { idempotency: client_id }),
    read: (id, seq) => api.post(path(id, '/read'), { seq }),
    change: (id, settings) => api.patch(path(id), settings),
    sync: (cursor) => api.get('sync', { query: { cursor } }),
    upload: ({ kind, name, mime, duration_ms, blob }, onProgress, signal) =>
      api.upload('files', blob, { query: { kind, name, duration_ms }, contentType: mime, onProgress, signal }),
  }
}
