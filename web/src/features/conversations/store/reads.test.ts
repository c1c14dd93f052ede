import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Offline } from '../../../shared/net/problems'
import { AGAIN_AFTER_MS, createReads, READ_EVERY_MS } from './reads'
import type { Reads } from './reads'
import { createStore } from './store'
import type { Store } from './store'
import { openTabs } from './tabs'
import type { Tabs } from './tabs'
import { FakeServer } from './testing/fake_server'
import { createTyping, TYPING_EVERY_MS, TYPING_SHOWN_MS } from './typing'

let store: Store
let tabs: Tabs
let reads: Reads
let told: number[]
let fail: boolean

beforeEach(() => {
  vi.useFakeTimers()
  const server = new FakeServer()
  server.create('a')
  for (let seq = 1; seq <= 9; seq += 1) server.send('a', 'c:o', `c${seq}`, { kind: 'text', text: `${seq}` })
  store = createStore('staff', 'me')
  store.dispatch({ type: 'rows_received', rows: [server.row('a')], counts: null, asked: 1 })
  store.dispatch({ type: 'thread_opened', conversation_id: 'a' })
  const generation = store.state.threads.get('a')?.generation ?? 0
  const items = server.entries('a')
  store.dispatch({
    type: 'page_received',
    conversation_id: 'a',
    generation,
    part: 'newest',
    items,
    through: 9,
    reaches_start: true,
  })
  tabs = openTabs('staff')
  told = []
  fail = false
  reads = createReads({
    store,
    tabs,
    tell: (_id, seq) => {
      told.push(seq)
      return fail ? Promise.reject(new Offline('cut')) : Promise.resolve({ read_seq: seq, read_count: seq })
    },
  })
})

afterEach(() => {
  reads.stop()
  tabs.close()
  vi.useRealTimers()
})

describe('the read cursor', () => {
  it('is told again after a failure that passed, though the link never went', async () => {
    fail = true
    reads.mark('a', 3)
    await vi.advanceTimersByTimeAsync(READ_EVERY_MS)
    fail = false
    expect(told).toEqual([3])
    await vi.advanceTimersByTimeAsync(AGAIN_AFTER_MS)
    expect(told).toEqual([3, 3])
    await vi.advanceTimersByTimeAsync(10 * AGAIN_AFTER_MS)
    expect(told).toEqual([3, 3])
  })

  it('moves here at once and is told at most every two seconds', async () => {
    for (const seq of [1, 2, 3]) reads.mark('a', seq)
    expect(store.state.rows.get('a')?.conversation.read_seq).toBe(3)
    await vi.advanceTimersByTimeAsync(0)
    for (const seq of [4, 5, 6]) reads.mark('a', seq)
    await vi.advanceTimersByTimeAsync(READ_EVERY_MS - 1)
    expect(told).toEqual([3])
    await vi.advanceTimersByTimeAsync(1)
    expect(told).toEqual([3, 6])
    reads.mark('a', 2)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(told).toEqual([3, 6])
  })

  it('that could not be told is told when the link is back', async () => {
    fail = true
    reads.mark('a', 4)
    await vi.advanceTimersByTimeAsync(AGAIN_AFTER_MS / 2)
    expect(told).toEqual([4])
    fail = false
    reads.hurry()
    await vi.advanceTimersByTimeAsync(READ_EVERY_MS)
    expect(told).toEqual([4, 4])
  })

  it('takes away a mark that was set by hand, though it does not move', async () => {
    reads.mark('a', 9)
    await vi.advanceTimersByTimeAsync(READ_EVERY_MS)
    store.dispatch({ type: 'settings_chosen', conversation_id: 'a', settings: { marked_unread: true } })
    reads.mark('a', 9)
    await vi.advanceTimersByTimeAsync(READ_EVERY_MS)
    expect(told).toEqual([9, 9])
    expect(store.state.rows.get('a')?.conversation.marked_unread).toBe(false)
  })
})

describe('typing', () => {
  it('is said at most every three seconds, shown for a while, and over when the message comes', () => {
    let said = 0
    const typing = createTyping({ tell: () => (said += 1), onChange: () => undefined })
    for (let key = 0; key < 5; key += 1) typing.wrote('a')
    vi.advanceTimersByTime(TYPING_EVERY_MS)
    typing.wrote('a')
    expect(said).toBe(2)
    typing.heard('a', 'c:o')
    typing.heard('a', 'c:p')
    typing.ended('a', 'c:p')
    expect(typing.people.get('a')).toEqual(['c:o'])
    vi.advanceTimersByTime(TYPING_SHOWN_MS)
    expect(typing.people.get('a')).toBeUndefined()
  })
})
