/**
 * Copies of conversations for reading offline: encrypted, text only, for at most seven days
 * (messaging-evidence.md §11.4). Bodies lie in the entries alone, and a recall deletes them in the
 * same transaction that remembers the recall, so that no tab with an older copy can put them back.
 */
import type { Conversation, Entry } from '../../../contract/types'
import { wipeCopies } from './database'
import type { Database, KeptEntry } from './database'
import type { Vault } from './vault'

interface WritableEntries {
  get(key: [string, number]): Promise<KeptEntry | undefined>
  getAll(range: IDBKeyRange): Promise<KeptEntry[]>
  put(value: KeptEntry): Promise<unknown>
  delete(key: [string, number]): Promise<void>
}

export const KEPT_DAYS = 7
export const KEPT_ENTRIES = 60
export const KEPT_ROWS = 100

const DAY_MS = 86_400_000

export interface Snapshot {
  epoch: string
  cursor: string
  rows: Conversation[]
}

export interface Cache {
  /** The list as it was saved last, or null when nothing is kept. */
  readSnapshot(): Promise<Snapshot | null>
  /** `rows` are those that changed; the cursor must not be ahead of any row that was saved. */
  saveSnapshot(snapshot: Snapshot): Promise<void>
  readEntries(conversationId: string): Promise<Entry[]>
  /** Consecutive entries, ascending. What does not touch the kept run replaces it or is left out. */
  saveEntries(conversationId: string, entries: readonly Entry[]): Promise<void>
  recall(conversationId: string, seq: number): Promise<void>
  /** The last kept seq of every conversation that is kept. */
  coverage(): Promise<Map<string, number>>
  forget(conversationId: string): Promise<void>
  wipe(): Promise<void>
}

export function openCache(database: Database, vault: Vault, now: () => number = Date.now): Cache {
  const cache: Cache = {
    async readSnapshot() {
      await dropExpired(database, now() - KEPT_DAYS * DAY_MS)
      const [epoch, cursor, kept] = await Promise.all([
        database.get('meta', 'epoch'),
        database.get('meta', 'cursor'),
        database.getAll('rows'),
      ])
      if (typeof epoch !== 'string' || typeof cursor !== 'string') return null
      const rows: Conversation[] = []
      for (const { conversation_id, row } of kept) {
        const conversation = (await vault.unseal(`row ${conversation_id}`, row)) as Conversation | null
        if (conversation === null) continue
        const last = conversation.last === null ? null : await readEntry(conversation_id, conversation.last.seq)
        rows.push({ ...conversation, last })
      }
      return { epoch, cursor, rows }
    },

    async saveSnapshot({ epoch, cursor, rows }) {
      const sorted = [...rows].sort((one, other) => other.last_at - one.last_at)
      const latest = sorted.slice(0, KEPT_ROWS)
      const sealed = await Promise.all(latest.map((row) => vault.seal(`row ${row.conversation_id}`, withoutBody(row))))
      const previews = await sealEntries(
        latest.flatMap(({ conversation_id, last }) => (last === null ? [] : [{ conversation_id, entry: last }])),
      )
      const tx = database.transaction(['rows', 'meta', 'entries', 'coverage'], 'readwrite')
      const store = tx.objectStore('rows')
      const saved_at = now()
      await Promise.all([
        tx.objectStore('meta').put(epoch, 'epoch'),
        tx.objectStore('meta').put(cursor, 'cursor'),
        ...latest.flatMap(({ conversation_id }, index) => {
          const row = sealed[index]
          return row === undefined ? [] : [store.put({ conversation_id, saved_at, row })]
        }),
        // Not kept in its new version, so not in its old one either.
        ...sorted.slice(KEPT_ROWS).map(({ conversation_id }) => store.delete(conversation_id)),
        ...previews.map(async (preview) => {
          const covered = await tx.objectStore('coverage').get(preview.conversation_id)
          await dropOldPreviews(tx.objectStore('entries'), preview, covered?.last ?? 0)
          await putUnlessRecalled(tx.objectStore('entries'), preview)
        }),
        tx.done,
      ])
    },

    async readEntries(conversationId) {
      const covered = await database.get('coverage', conversationId)
      if (covered === undefined) return []
      const entries: Entry[] = []
      for (let seq = covered.last; seq >= covered.first; seq -= 1) {
        const entry = await readEntry(conversationId, seq)
        if (entry === null) break
        entries.unshift(entry)
      }
      return entries
    },

    async saveEntries(conversationId, all) {
      const kept = all.slice(-KEPT_ENTRIES)
      const first = kept[0]?.seq
      const last = kept[kept.length - 1]?.seq
      if (first === undefined || last === undefined) return
      const sealed = await sealEntries(kept.map((entry) => ({ conversation_id: conversationId, entry })))
      const recalls = all.flatMap((entry) =>
        entry.kind === 'recall' && entry.target_seq !== null ? [entry.target_seq] : [],
      )
      const stubs = await Promise.all(recalls.map((seq) => sealStub(conversationId, seq, kept)))
      const tx = database.transaction(['coverage', 'entries'], 'readwrite')
      const coverage = tx.objectStore('coverage')
      const store = tx.objectStore('entries')
      const span = mergeSpans(await coverage.get(conversationId), { first, last })
      if (span !== null) {
        const start = Math.max(span.first, span.last - KEPT_ENTRIES + 1)
        await Promise.all(sealed.map((each) => putUnlessRecalled(store, each)))
        await store.delete(IDBKeyRange.bound([conversationId, 0], [conversationId, start], false, true))
        await coverage.put({ conversation_id: conversationId, first: start, last: span.last })
      }
      await Promise.all([...stubs.map((stub) => store.put(stub)), tx.done])
    },

    async recall(conversationId, seq) {
      await database.put('entries', await sealStub(conversationId, seq, []))
    },

    async coverage() {
      const all = await database.getAll('coverage')
      return new Map(all.map((each) => [each.conversation_id, each.last]))
    },

    async forget(conversationId) {
      const tx = database.transaction(['coverage', 'entries'], 'readwrite')
      await Promise.all([
        tx.objectStore('coverage').delete(conversationId),
        tx.objectStore('entries').delete(IDBKeyRange.bound([conversationId, 0], [conversationId, Infinity])),
        tx.done,
      ])
    },

    wipe: () => wipeCopies(database),
  }

  const sealEntries = (items: readonly { conversation_id: string; entry: Entry }[]): Promise<KeptEntry[]> =>
    Promise.all(
      items.map(async ({ conversation_id, entry }) => ({
        conversation_id,
        seq: entry.seq,
        saved_at: now(),
        recalled: entry.body === null,
        entry: await vault.seal(place(conversation_id, entry.seq), entry),
      })),
    )

  /** What stays of a recalled entry: who and when, if that is known. */
  const sealStub = async (conversationId: string, seq: number, known: readonly Entry[]): Promise<KeptEntry> => {
    const entry = known.find((each) => each.seq === seq) ?? (await readEntry(conversationId, seq))
    return {
      conversation_id: conversationId,
      seq,
      saved_at: now(),
      recalled: true,
      entry: entry === null ? null : await vault.seal(place(conversationId, seq), { ...entry, body: null }),
    }
  }

  const readEntry = async (conversationId: string, seq: number): Promise<Entry | null> => {
    const kept = await database.get('entries', [conversationId, seq])
    if (kept?.entry == null) return null
    return (await vault.unseal(place(conversationId, seq), kept.entry)) as Entry | null
  }

  return cache
}

/** Former previews lie above the kept run; what becomes of them on the server is not followed, so they go. */
async function dropOldPreviews(store: WritableEntries, latest: KeptEntry, coveredTo: number): Promise<void> {
  const id = latest.conversation_id
  if (coveredTo + 1 >= latest.seq) return
  const older = await store.getAll(IDBKeyRange.bound([id, coveredTo], [id, latest.seq], true, true))
  await Promise.all(older.filter((each) => !each.recalled).map((each) => store.delete([id, each.seq])))
}

/** An older copy, whoever holds it, does not bring back what was recalled. */
async function putUnlessRecalled(store: WritableEntries, kept: KeptEntry): Promise<void> {
  const known = await store.get([kept.conversation_id, kept.seq])
  if (known?.recalled && !kept.recalled) return
  await store.put(kept)
}

function place(conversationId: string, seq: number): string {
  return `entry ${conversationId} ${seq}`
}

/** The preview's text lies in its entry, where a recall finds it. */
function withoutBody(row: Conversation): Conversation {
  return row.last === null ? row : { ...row, last: { ...row.last, body: null } }
}

interface Span {
  first: number
  last: number
}

/** One run stays one run: null for what lies apart below, the new one for what lies apart above. */
function mergeSpans(kept: Span | undefined, added: Span): Span | null {
  if (kept === undefined || added.first > kept.last + 1) return added
  if (added.last < kept.first - 1) return null
  return { first: Math.min(kept.first, added.first), last: Math.max(kept.last, added.last) }
}

async function dropExpired(database: Database, before: number): Promise<void> {
  const tx = database.transaction(['rows', 'coverage', 'entries'], 'readwrite')
  for (const row of await tx.objectStore('rows').getAll()) {
    if (row.saved_at < before) await tx.objectStore('rows').delete(row.conversation_id)
  }
  const entries = tx.objectStore('entries')
  for (const key of await entries.index('saved_at').getAllKeys(IDBKeyRange.upperBound(before, true))) {
    await entries.delete(key)
  }
  await tx.done
}
