import { IDBFactory } from 'fake-indexeddb'
import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Entry } from '../../../contract/types'
import { KEPT_DAYS, KEPT_ENTRIES, openCache } from './cache'
import type { Cache } from './cache'
import { claimDatabase, openDatabase, wipeDatabase } from './database'
import type { Database } from './database'
import { createDrafts } from './drafts'
import { openTabs } from './tabs'
import { FakeServer } from './testing/fake_server'
import { openVault } from './vault'
import type { Vault } from './vault'

const ID = 'a'
let database: Database
let vault: Vault
let cache: Cache
let server: FakeServer
let now = 1_000_000_000_000

beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory()
  const opened = await openDatabase('staff')
  if (opened === null) throw new Error('no database')
  database = opened
  vault = await openVault(database)
  cache = openCache(database, vault, () => now)
  server = new FakeServer()
  server.create(ID)
})

afterEach(() => {
  database.close()
  vi.unstubAllGlobals()
})

function write(count: number, from = 1): Entry[] {
  for (let seq = from; seq < from + count; seq += 1)
    server.send(ID, 'c:o', `c${seq}`, { kind: 'text', text: `words ${seq}.` })
  return server.entries(ID).slice(from - 1)
}

/** Everything that lies in the database, opened with the key: what a thief with the browser could read. */
async function readable(): Promise<string> {
  const entries = await database.getAll('entries')
  const opened = entries.map(({ conversation_id, seq, entry }) =>
    entry === null ? null : vault.unseal(`entry ${conversation_id} ${seq}`, entry),
  )
  const rows = (await database.getAll('rows')).map(({ conversation_id, row }) =>
    vault.unseal(`row ${conversation_id}`, row),
  )
  return JSON.stringify([await Promise.all(opened), await Promise.all(rows)])
}

describe('the cache', () => {
  it('gives back list, preview and newest entries', async () => {
    await cache.saveEntries(ID, write(5))
    await cache.saveSnapshot({ epoch: 'e1', cursor: '9', rows: [server.row(ID)] })
    expect(await cache.readEntries(ID)).toEqual(server.entries(ID))
    expect(await cache.readSnapshot()).toEqual({ epoch: 'e1', cursor: '9', rows: [server.row(ID)] })
  })

  it('holds nothing in the clear', async () => {
    await cache.saveEntries(ID, write(3))
    await cache.saveSnapshot({ epoch: 'e1', cursor: '9', rows: [server.row(ID)] })
    const sealed = [
      ...(await database.getAll('entries')).map((each) => each.entry?.data),
      ...(await database.getAll('rows')).map((each) => each.row.data),
    ]
    expect(sealed).toHaveLength(4)
    expect(sealed.map((data) => new TextDecoder('latin1').decode(data)).join('')).not.toContain('words')
    const key = await database.get('meta', 'key')
    expect(typeof key === 'object' && key.extractable).toBe(false)
  })

  it('erases what is recalled, also against an older copy of another tab', async () => {
    const stale = write(5)
    await cache.saveEntries(ID, stale)
    server.recall(ID, 'c:o', 'r', 4)
    await cache.saveEntries(ID, server.entries(ID).slice(5))
    await cache.saveEntries(ID, stale)
    expect(await readable()).not.toContain('words 4.')
    expect((await cache.readEntries(ID)).map((entry) => entry.body === null)).toEqual([
      false,
      false,
      false,
      true,
      false,
      false,
    ])
  })

  it('remembers a recall that comes before its target', async () => {
    const copies = write(5)
    await cache.recall(ID, 2)
    await cache.saveEntries(ID, copies)
    await cache.saveSnapshot({ epoch: 'e1', cursor: '1', rows: [server.row(ID)] })
    expect(await readable()).not.toContain('words 2.')
  })

  it('a preview whose message was recalled and followed by another is gone as well', async () => {
    write(1)
    await cache.saveSnapshot({ epoch: 'e1', cursor: '1', rows: [server.row(ID)] })
    expect(await readable()).toContain('words 1.')
    server.recall(ID, 'c:o', 'r', 1)
    write(1, 3)
    await cache.saveSnapshot({ epoch: 'e1', cursor: '2', rows: [server.row(ID)] })
    expect(await readable()).not.toContain('words 1.')
    expect((await cache.readSnapshot())?.rows[0]?.last?.body).toEqual({ kind: 'text', text: 'words 3.' })
  })

  it('keeps one run: a hole begins a new one, and it does not grow without end', async () => {
    const all = write(200)
    await cache.saveEntries(ID, all.slice(0, 10))
    await cache.saveEntries(ID, all.slice(20, 30))
    expect((await cache.readEntries(ID)).map((entry) => entry.seq)).toEqual(all.slice(20, 30).map((entry) => entry.seq))
    await cache.saveEntries(ID, all.slice(0, 10))
    expect(await cache.coverage()).toEqual(new Map([[ID, 30]]))
    for (const entry of all.slice(30)) await cache.saveEntries(ID, [entry])
    expect(await cache.readEntries(ID)).toEqual(all.slice(-KEPT_ENTRIES))
    expect(await database.count('entries')).toBe(KEPT_ENTRIES)
  })

  it('forgets after seven days', async () => {
    await cache.saveEntries(ID, write(3))
    await cache.saveSnapshot({ epoch: 'e1', cursor: '9', rows: [server.row(ID)] })
    now += (KEPT_DAYS + 1) * 86_400_000
    expect((await cache.readSnapshot())?.rows).toEqual([])
    expect(await cache.readEntries(ID)).toEqual([])
    expect(await database.count('entries')).toBe(0)
  })

  it('leaves nothing after a sign-out, and nothing to another account', async () => {
    await claimDatabase(database, 'corp/one', null)
    await cache.saveEntries(ID, write(3))
    await claimDatabase(database, 'corp/two', null)
    expect(await database.count('entries')).toBe(0)
    await cache.saveEntries(ID, server.entries(ID))
    await wipeDatabase(database)
    for (const store of ['entries', 'rows', 'coverage', 'outbox', 'drafts', 'meta'] as const) {
      expect(await database.count(store)).toBe(0)
    }
  })

  it('a guest who became a known consumer keeps what was written, not what was read', async () => {
    await claimDatabase(database, 'guest', null)
    await cache.saveEntries(ID, write(3))
    await database.put('drafts', { conversation_id: ID, text: await vault.keep('draft a', 'half a sentence') })
    await claimDatabase(database, 'known', 'guest')
    expect(await database.count('entries')).toBe(0)
    expect(await database.count('drafts')).toBe(1)
  })
})

describe('the vault', () => {
  it('over plain HTTP seals nothing and keeps what waits readable', async () => {
    vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) })
    const plain = await openVault(database)
    expect(plain.canSeal).toBe(false)
    const kept = await plain.keep('outgoing x', { text: 'hello' })
    expect(await plain.read('outgoing x', kept)).toEqual({ text: 'hello' })
  })

  it('does not open a record that was moved to another place', async () => {
    const sealed = await vault.seal('entry a 1', 'words')
    expect(await vault.unseal('entry a 1', sealed)).toBe('words')
    expect(await vault.unseal('entry a 2', sealed)).toBeNull()
  })

  it('two tabs that come first agree on one key', async () => {
    await database.delete('meta', 'key')
    const [one, two] = await Promise.all([openVault(database), openVault(database)])
    expect(await two.unseal('p', await one.seal('p', 1))).toBe(1)
  })
})

describe('drafts', () => {
  it('survive a reload and are the same in every tab', async () => {
    const tabs = [openTabs('staff'), openTabs('staff')] as const
    const shown: ReadonlyMap<string, string>[] = []
    const one = createDrafts({ database, vault, tabs: tabs[0], onChange: () => undefined })
    const two = createDrafts({ database, vault, tabs: tabs[1], onChange: (all) => shown.push(all) })
    one.set(ID, 'half a sentence')
    await one.flush()
    await vi.waitFor(() => expect(two.get(ID)).toBe('half a sentence'))
    const reloaded = createDrafts({ database, vault, tabs: tabs[0], onChange: () => undefined })
    await reloaded.load()
    expect(reloaded.get(ID)).toBe('half a sentence')
    one.set(ID, '')
    await one.flush()
    expect(await database.count('drafts')).toBe(0)
    for (const each of [one, two, reloaded]) each.stop()
    for (const each of tabs) each.close()
  })
})
