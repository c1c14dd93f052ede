/**
 * What the browser keeps of conversations: one IndexedDB per surface, since a browser is signed in to
 * a surface as one account at a time. Another account finds nothing of the former one.
 */
import { openDB } from 'idb'
import type { DBSchema, IDBPDatabase } from 'idb'
import type { File } from '../../../contract/types'
import type { ConversationSurface, EchoProblem } from './model'
import type { Kept, Sealed } from './vault'

export interface StoredAttachment {
  kind: 'image' | 'file' | 'voice'
  name: string
  mime: string
  size: number
  duration_ms: number | null
  blob: Blob
}

/** A message that is to be sent. Kept until the server has acknowledged it or the person deletes it. */
export interface StoredMessage {
  /** Given by the database: the order in which all tabs send. */
  position?: number
  client_id: string
  conversation_id: string
  created_at: number
  /** The body, or null while there is only an attachment. */
  body: Kept | null
  attachment: StoredAttachment | null
  /** The attachment as the server stored it: it is not uploaded twice. */
  uploaded: File | null
  failed: EchoProblem | null
  anchor_seq: number | null
}

export interface KeptEntry {
  conversation_id: string
  seq: number
  saved_at: number
  /** Stays true for good: a body never comes back. */
  recalled: boolean
  /** null: recalled before it was ever held. */
  entry: Sealed | null
}

interface Schema extends DBSchema {
  meta: { key: 'account' | 'epoch' | 'cursor' | 'key'; value: string | CryptoKey }
  outbox: { key: number; value: StoredMessage; indexes: { client_id: string; conversation: [string, number] } }
  drafts: { key: string; value: { conversation_id: string; text: Kept } }
  rows: { key: string; value: { conversation_id: string; saved_at: number; row: Sealed } }
  /** The one run of consecutive entries that is cached of each conversation. */
  coverage: { key: string; value: { conversation_id: string; first: number; last: number } }
  entries: {
    key: [string, number]
    value: KeptEntry
    indexes: { saved_at: number }
  }
  leases: { key: string; value: { name: string; holder: string; until: number } }
}

export type Database = IDBPDatabase<Schema>
/** The stores that hold copies of what the server has, as against what was written here. */
export const COPIES = ['rows', 'coverage', 'entries'] as const

const VERSION = 1

export function databaseName(surface: ConversationSurface): string {
  return `rapport-${surface}`
}

/** null where the browser has no IndexedDB to give, as some do in private windows. */
export async function openDatabase(surface: ConversationSurface): Promise<Database | null> {
  try {
    return await openDB<Schema>(databaseName(surface), VERSION, {
      upgrade(database) {
        database.createObjectStore('meta')
        const outbox = database.createObjectStore('outbox', { keyPath: 'position', autoIncrement: true })
        outbox.createIndex('client_id', 'client_id', { unique: true })
        outbox.createIndex('conversation', ['conversation_id', 'position'])
        database.createObjectStore('drafts', { keyPath: 'conversation_id' })
        database.createObjectStore('rows', { keyPath: 'conversation_id' })
        database.createObjectStore('coverage', { keyPath: 'conversation_id' })
        const entries = database.createObjectStore('entries', { keyPath: ['conversation_id', 'seq'] })
        entries.createIndex('saved_at', 'saved_at')
        database.createObjectStore('leases', { keyPath: 'name' })
      },
      blocking: (_current, _blocked, event) => {
        // Another tab runs a newer version of the app: step aside instead of holding it up.
        if (event.target instanceof IDBDatabase) event.target.close()
      },
    })
  } catch {
    return null
  }
}

/**
 * Makes the database this account's own: what another account left is wiped. A guest who became a
 * known consumer (`formerly`) takes along what is not sent yet.
 */
export async function claimDatabase(database: Database, account: string, formerly: string | null): Promise<void> {
  const owner = await database.get('meta', 'account')
  if (owner === account) return
  if (owner !== undefined && owner === formerly) await wipeCopies(database)
  else if (owner !== undefined) await wipeDatabase(database)
  await database.put('meta', account, 'account')
}

/** After a sign-out or a revocation nothing stays, the key included. */
export async function wipeDatabase(database: Database): Promise<void> {
  const stores = ['meta', 'outbox', 'drafts', ...COPIES] as const
  const tx = database.transaction(stores, 'readwrite')
  await Promise.all([...stores.map((store) => tx.objectStore(store).clear()), tx.done])
}

/** Drops the copies of what the server has and the cursor that belongs to them. */
export async function wipeCopies(database: Database): Promise<void> {
  const tx = database.transaction([...COPIES, 'meta'], 'readwrite')
  const meta = tx.objectStore('meta')
  await Promise.all([
    ...COPIES.map((store) => tx.objectStore(store).clear()),
    meta.delete('cursor'),
    meta.delete('epoch'),
    tx.done,
  ])
}
