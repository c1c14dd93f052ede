/** The whole client against a fake server: what the screens show, through cut cables, reloads and recalls. */
import { IDBFactory } from 'fake-indexeddb'
import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, nextTick } from 'vue'
import type { EffectScope } from 'vue'
import { endConversations, live, startConversations } from './live'
import { openDatabase } from './database'
import { FakeNetwork } from './testing/fake_network'
import { FakeServer } from './testing/fake_server'
import { useConnection } from './use_connection'
import { useConversations } from './use_conversations'
import { useThread } from './use_thread'
import type { ThreadView } from './use_thread'

vi.setConfig({ testTimeout: 30_000 })
const ID = 'a'
let server: FakeServer
let network: FakeNetwork
let scope: EffectScope
let ended: string[]

beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory()
  server = new FakeServer()
  server.create(ID)
  for (let count = 1; count <= 3; count += 1) hear(`old ${count}`)
  network = new FakeNetwork(server, 'm:me')
  vi.stubGlobal('fetch', network.fetch)
  vi.stubGlobal('WebSocket', network.socketClass())
  vi.spyOn(Math, 'random').mockReturnValue(0)
  ended = []
  await start()
})

afterEach(async () => {
  scope.stop()
  await endConversations('left')
  vi.unstubAllGlobals()
})

async function start(): Promise<void> {
  scope = effectScope()
  await startConversations({
    surface: 'staff',
    account: 'corp/me',
    userid: 'me',
    locale: () => 'en',
    onEnded: (reason) => ended.push(reason),
  })
}

async function reload(): Promise<void> {
  scope.stop()
  await endConversations('left')
  await start()
}

function show(): ThreadView {
  return scope.run(() => useThread(ID)) as ThreadView
}

let heard = 0
function hear(text: string): void {
  heard += 1
  server.send(ID, 'c:other', `heard-${heard}`, { kind: 'text', text })
}

/** The thread as a person sees it: text, or what stands in its place. */
function seen(thread: ThreadView): string[] {
  return thread.rows.value.map((row) => {
    if (row.kind === 'gap') return 'gap'
    const body = row.kind === 'entry' ? row.entry.body : row.echo.body
    const text = body === null ? 'recalled' : body.kind === 'text' ? body.text : body.kind
    return row.kind === 'echo' ? `${text} (${row.echo.state})` : text
  })
}

const say = (thread: ThreadView, text: string) => thread.send({ kind: 'text', text })
const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 20 })

describe('a thread', () => {
  it('shows what one wrote at once and replaces it in place', async () => {
    const thread = show()
    await until(() => expect(seen(thread)).toEqual(['old 1', 'old 2', 'old 3']))
    const sending = say(thread, 'mine')
    await until(() => expect(thread.rows.value).toHaveLength(4))
    const key = thread.rows.value.at(-1)?.key
    hear('theirs')
    await sending
    await until(() => expect(seen(thread).toSorted()).toEqual(['mine', 'old 1', 'old 2', 'old 3', 'theirs']))
    expect(thread.rows.value.some((row) => row.key === key && row.kind === 'entry')).toBe(true)
    expect(thread.rows.value.map((row) => (row.kind === 'entry' ? row.entry.seq : 0))).toEqual([1, 2, 3, 4, 5])
  })

  it('mends what a healthy-looking socket lost, at the next heartbeat', async () => {
    const thread = show()
    await until(() => expect(seen(thread)).toHaveLength(3))
    await until(() => expect(live.link.value).toBe('online'))
    network.losesPushes = true
    hear('lost')
    network.losesPushes = false
    live.client.value?.hurry()
    await until(() => expect(seen(thread)).toEqual(['old 1', 'old 2', 'old 3', 'lost']))
  })

  it('forgets a recalled text in memory, in the list and in the cache', async () => {
    const thread = show()
    const list = scope.run(() => useConversations('all'))
    await say(thread, 'a slip')
    await until(() => expect(seen(thread)).toContain('a slip'))
    await thread.recall(4)
    await until(() => expect(seen(thread)).toEqual(['old 1', 'old 2', 'old 3', 'recalled']))
    await until(() => expect(JSON.stringify(list?.rows.value)).not.toContain('a slip'))
    await reload()
    network.unplug()
    const again = show()
    await until(() => expect(seen(again)).toEqual(['old 1', 'old 2', 'old 3', 'recalled']))
  })

  it('tells the server what was read only while it is looked at', async () => {
    const thread = show()
    await until(() => expect(seen(thread)).toHaveLength(3))
    hear('new')
    await until(() => expect(seen(thread)).toHaveLength(4))
    expect(server.row(ID).read_seq).toBe(0)
    thread.viewing(4, true)
    await until(() => expect(server.row(ID).read_seq).toBe(4))
    thread.viewing(2, false)
    hear('newer')
    await until(() => expect(seen(thread)).toHaveLength(5))
    await nextTick()
    expect(server.row(ID).read_seq).toBe(4)
  })
})

describe('offline', () => {
  it('three written and five heard end in one order, each once', async () => {
    const thread = show()
    const connection = scope.run(() => useConnection())
    await until(() => expect(seen(thread)).toHaveLength(3))
    network.unplug()
    window.dispatchEvent(new Event('offline'))
    for (const text of ['m1', 'm2', 'm3']) await say(thread, text)
    await until(() => expect(seen(thread).slice(3)).toEqual(['m1 (queued)', 'm2 (queued)', 'm3 (queued)']))
    await until(() => expect(connection?.queued.value).toBe(3))
    expect(connection?.state.value).toBe('offline')
    for (const text of ['t1', 't2', 't3', 't4', 't5']) hear(text)
    network.plug()
    await until(() =>
      expect(seen(thread)).toEqual(['old 1', 'old 2', 'old 3', 't1', 't2', 't3', 't4', 't5', 'm1', 'm2', 'm3']),
    )
    expect(server.entries(ID)).toHaveLength(11)
    await until(() => expect(connection?.queued.value).toBe(0))
  })

  it('the queue survives a reload, and cached entries are read meanwhile', async () => {
    const thread = show()
    await until(() => expect(seen(thread)).toHaveLength(3))
    await until(() => expect(live.state.value.cursor).not.toBeNull())
    network.unplug()
    window.dispatchEvent(new Event('offline'))
    await say(thread, 'm1')
    window.dispatchEvent(new Event('pagehide'))
    await new Promise((resolve) => setTimeout(resolve, 100))
    await reload()
    const again = show()
    await until(() =>
      expect(seen(again)).toEqual(['old 1', 'old 2', 'old 3', expect.stringMatching(/^m1 \((queued|sending)\)$/)]),
    )
    network.plug()
    await until(() => expect(seen(again)).toEqual(['old 1', 'old 2', 'old 3', 'm1']))
    expect(server.entries(ID).filter((entry) => entry.sender === 'm:me')).toHaveLength(1)
  })
})

describe('the end of a session', () => {
  it('revoked: everything is wiped and the app is told', async () => {
    const thread = show()
    await until(() => expect(seen(thread)).toHaveLength(3))
    await until(() => expect(network.sockets.size).toBe(1))
    for (const socket of network.sockets) socket.receive({ type: 'bye', reason: 'revoked', retry_after_ms: 0 })
    await until(() => expect(ended).toEqual(['revoked']))
    expect(live.client.value).toBeNull()
    const database = await openDatabase('staff')
    for (const store of ['entries', 'rows', 'meta', 'outbox'] as const) expect(await database?.count(store)).toBe(0)
    database?.close()
  })

  it('a restored database: the cache is dropped and read anew', async () => {
    const thread = show()
    await until(() => expect(seen(thread)).toHaveLength(3))
    server.epoch = 'e2'
    network.unplug()
    network.plug()
    await until(() => expect(live.state.value.epoch).toBe('e2'))
    await until(() => expect(seen(thread)).toEqual(['old 1', 'old 2', 'old 3']))
    expect(live.state.value.cursor).not.toBeNull()
  })
})
