/** Where messages wait until they are sent: the database, or the page's memory where there is none. */
import type { Body, File } from '../../../contract/types'
import type { Database, StoredMessage } from './database'
import type { Attachment, Echo, EchoProblem } from './model'
import type { Vault } from './vault'

/** A message as it waits: in order of `position`. */
export interface Outgoing {
  readonly position: number
  readonly client_id: string
  readonly conversation_id: string
  readonly created_at: number
  readonly body: Body | null
  readonly attachment: Attachment | null
  readonly uploaded: File | null
  readonly failed: EchoProblem | null
  readonly anchor_seq: number | null
}

export type Draft = Omit<Outgoing, 'position' | 'uploaded' | 'failed' | 'anchor_seq'>
export type Change = Partial<Pick<Outgoing, 'uploaded' | 'failed' | 'anchor_seq'>>

export interface OutboxStore {
  /** False: the queue is lost when the page is closed, and people should be told. */
  readonly durable: boolean
  add(draft: Draft): Promise<Outgoing>
  all(): Promise<Outgoing[]>
  /** The first message of the conversation that is to be sent; refused ones wait for the person. */
  next(conversationId: string): Promise<Outgoing | null>
  /** null when it is not there any more. */
  change(clientId: string, change: Change): Promise<Outgoing | null>
  remove(clientId: string): Promise<boolean>
}

export function openOutboxStore(database: Database | null, vault: Vault): OutboxStore {
  return database === null ? storeInMemory() : storeInDatabase(database, vault)
}

function storeInDatabase(database: Database, vault: Vault): OutboxStore {
  const read = async (stored: StoredMessage): Promise<Outgoing | null> => {
    const body = stored.body === null ? null : ((await vault.read(place(stored.client_id), stored.body)) as Body | null)
    // Sealed under a key that is gone: nobody can read or send it any more.
    if (stored.body !== null && body === null) return null
    return { ...stored, position: stored.position ?? 0, body }
  }
  const readAll = async (stored: readonly StoredMessage[]): Promise<Outgoing[]> =>
    (await Promise.all(stored.map(read))).filter((each) => each !== null)

  return {
    durable: true,
    async add(draft) {
      const body = draft.body === null ? null : await vault.keep(place(draft.client_id), draft.body)
      const added = { uploaded: null, failed: null, anchor_seq: null }
      const position = await database.add('outbox', { ...draft, ...added, body })
      return { ...draft, ...added, position }
    },
    async all() {
      return readAll(await database.getAll('outbox'))
    },
    async next(conversationId) {
      const range = IDBKeyRange.bound([conversationId, 0], [conversationId, Infinity])
      const waiting = await database.getAllFromIndex('outbox', 'conversation', range)
      return (await readAll(waiting.filter((each) => each.failed === null)))[0] ?? null
    },
    async change(clientId, change) {
      const tx = database.transaction('outbox', 'readwrite')
      const stored = await tx.store.index('client_id').get(clientId)
      const changed = stored === undefined ? null : { ...stored, ...change }
      if (changed !== null) await tx.store.put(changed)
      await tx.done
      return changed === null ? null : read(changed)
    },
    async remove(clientId) {
      const tx = database.transaction('outbox', 'readwrite')
      const position = await tx.store.index('client_id').getKey(clientId)
      if (position !== undefined) await tx.store.delete(position)
      await tx.done
      return position !== undefined
    },
  }
}

function storeInMemory(): OutboxStore {
  const waiting = new Map<string, Outgoing>()
  let position = 0
  return {
    durable: false,
    add(draft) {
      position += 1
      const added: Outgoing = { ...draft, position, uploaded: null, failed: null, anchor_seq: null }
      waiting.set(draft.client_id, added)
      return Promise.resolve(added)
    },
    all: () => Promise.resolve([...waiting.values()]),
    next: (conversationId) =>
      Promise.resolve(
        [...waiting.values()].find((each) => each.conversation_id === conversationId && each.failed === null) ?? null,
      ),
    change(clientId, change) {
      const known = waiting.get(clientId)
      if (known === undefined) return Promise.resolve(null)
      const changed = { ...known, ...change }
      waiting.set(clientId, changed)
      return Promise.resolve(changed)
    },
    remove: (clientId) => Promise.resolve(waiting.delete(clientId)),
  }
}

export function echoOf(message: Outgoing, state: 'queued' | 'sending', progress: number | null = null): Echo {
  return {
    client_id: message.client_id,
    conversation_id: message.conversation_id,
    position: message.position,
    created_at: message.created_at,
    state: message.failed === null ? state : 'failed',
    body: message.body,
    attachment: message.attachment,
    progress,
    problem: message.failed,
    seq: null,
    anchor_seq: message.failed === null ? null : message.anchor_seq,
  }
}

function place(clientId: string): string {
  return `outgoing ${clientId}`
}
