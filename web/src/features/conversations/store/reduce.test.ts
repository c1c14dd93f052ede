import { describe, expect, it } from 'vitest'
import type { Conversation, Entry } from '../../../contract/types'
import { emptyState, unreadOf } from './model'
import type { ConversationsState, Echo, StoreEvent } from './model'
import { reduce } from './reduce'
import { firstSeq, lastSeq } from './ranges'
import { FakeServer } from './testing/fake_server'
import { KEPT_AROUND, KEPT_NEWEST } from './threads'
import { findWants } from './wants'

const ID = 'a'

function start(entries = 0, options: Partial<Conversation> = {}): { server: FakeServer; state: ConversationsState } {
  const server = new FakeServer()
  server.create(ID, options)
  for (let count = 1; count <= entries; count += 1) server.send(ID, 'c:other', `c${count}`, { kind: 'text', text: `${count}` })
  return { server, state: play(emptyState('staff', 'me'), { type: 'epoch_seen', epoch: 'e1' }, rows(server.row(ID))) }
}

function play(state: ConversationsState, ...events: StoreEvent[]): ConversationsState {
  return events.reduce(reduce, state)
}

function rows(row: Conversation, asked = 1): StoreEvent {
  return { type: 'rows_received', rows: [row], counts: null, asked }
}

function open(server: FakeServer, before: ConversationsState): ConversationsState {
  const state = reduce(before, { type: 'thread_opened', conversation_id: ID })
  const { items, more } = server.page(ID, { before: 1e9 }, 50)
  return reduce(state, page(state, 'newest', items, !more))
}

function page(state: ConversationsState, part: 'newest' | 'newer' | 'between', items: readonly Entry[], reachesStart = false): StoreEvent {
  const generation = state.threads.get(ID)?.generation ?? 0
  const through = state.rows.get(ID)?.conversation.last_seq ?? 0
  return { type: 'page_received', conversation_id: ID, generation, part, items, through, reaches_start: reachesStart }
}

function push(entry: Entry | undefined): StoreEvent {
  if (entry === undefined) throw new Error('no such entry')
  return { type: 'entry_pushed', conversation_id: ID, entry }
}

function held(state: ConversationsState): Entry[] {
  return [...(state.threads.get(ID)?.runs.flat() ?? [])]
}

function echo(parts: Partial<Echo>): Echo {
  return {
    client_id: 'x1',
    conversation_id: ID,
    position: 1,
    created_at: 0,
    state: 'queued',
    body: { kind: 'text', text: 'hello' },
    attachment: null,
    progress: null,
    problem: null,
    seq: null,
    anchor_seq: null,
    ...parts,
  }
}

describe('recall', () => {
  it('wins over a copy of its target that arrives later', () => {
    const { server, state } = start(3)
    const stale = server.entries(ID)[1]
    const opened = reduce(state, { type: 'thread_opened', conversation_id: ID })
    server.recall(ID, 'c:other', 'r', 2)
    const after = play(opened, push(server.entries(ID)[3]), page(opened, 'newest', [...server.entries(ID).slice(0, 1), ...(stale ? [stale] : []), ...server.entries(ID).slice(2)]))
    expect(held(after).map((entry) => entry.body === null)).toEqual([false, true, false, false])
  })

  it('erases at once even when entries before it are missing', () => {
    const { server, state } = start(3)
    const opened = open(server, state)
    server.send(ID, 'c:other', 'c4', { kind: 'text', text: '4' })
    server.recall(ID, 'c:other', 'r', 3)
    const after = reduce(opened, push(server.entries(ID)[4]))
    expect(held(after)[2]?.body).toBeNull()
    expect(after.rows.get(ID)?.conversation.last?.body).toBeNull()
    expect(findWants(after)).toMatchObject([{ kind: 'newer', after: 3 }])
  })

  it('acknowledged to this device erases before its entry arrives', () => {
    const { server, state } = start(2)
    const after = reduce(open(server, state), { type: 'recall_acked', conversation_id: ID, target_seq: 2, seq: 3 })
    expect(held(after)[1]?.body).toBeNull()
    expect(after.rows.get(ID)?.conversation.last?.body).toBeNull()
  })

  it('stays when a page of an earlier opening arrives late', () => {
    const { server, state } = start(60)
    const first = open(server, state)
    const late = page(first, 'between', server.page(ID, { before: 11 }, 50).items)
    const closed = reduce(first, { type: 'thread_closed', conversation_id: ID })
    server.recall(ID, 'c:other', 'r', 5)
    const again = play(open(server, closed), late)
    expect(held(again).some((entry) => entry.seq === 5)).toBe(false)
  })

  it('that was lost is found by the next entry, also where no thread is open', () => {
    const { server, state } = start(3)
    server.recall(ID, 'c:other', 'lost', 3)
    server.recall(ID, 'c:other', 'r', 1)
    const after = reduce(state, push(server.entries(ID)[4]))
    expect(findWants(after)).toEqual([{ kind: 'row', conversation_id: ID }])
    const mended = reduce(after, rows(server.row(ID), after.revision))
    expect(mended.rows.get(ID)?.conversation.last?.body).toBeNull()
    expect(findWants(mended)).toEqual([])
  })

  it('a stub is never filled again by a body', () => {
    const { server, state } = start(3)
    const bodies = [...server.entries(ID)]
    server.recall(ID, 'c:other', 'r', 2)
    const stub = { ...bodies[1], body: null } as Entry
    const opened = reduce(state, { type: 'thread_opened', conversation_id: ID })
    const shown = play(opened, page(opened, 'newest', [bodies[0] as Entry, stub, bodies[2] as Entry]))
    expect(held(play(shown, page(shown, 'between', bodies)))[1]?.body).toBeNull()
  })
})

describe('cursors and counts', () => {
  it('read cursors never go back and unread is a difference of counts', () => {
    const { server, state } = start(5)
    expect(unreadOf(state.rows.get(ID)?.conversation as Conversation)).toBe(5)
    const read = reduce(state, { type: 'own_read_moved', conversation_id: ID, read_seq: 4, read_count: 4 })
    const after = play(read, rows(server.row(ID)), { type: 'read_moved', conversation_id: ID, person: 'm:me', read_seq: 2, read_count: 2 })
    expect(after.rows.get(ID)?.conversation).toMatchObject({ read_seq: 4, read_count: 4 })
    expect(unreadOf(after.rows.get(ID)?.conversation as Conversation)).toBe(1)
  })

  it('the cursors of others never go back', () => {
    const { state } = start(5)
    const moved = (seq: number): StoreEvent => ({ type: 'read_moved', conversation_id: ID, person: 'c:other', read_seq: seq, read_count: seq })
    expect(play(state, moved(4), moved(2)).rows.get(ID)?.conversation.reads).toEqual([{ person: 'c:other', read_seq: 4 }])
  })

  it('what one typed on another device is read, what was sent in one’s name is not', () => {
    const { server, state } = start(1)
    server.send(ID, 'm:me', 'o', { kind: 'text', text: 'mine' })
    expect(reduce(state, push(server.entries(ID)[1])).rows.get(ID)?.conversation.read_seq).toBe(2)
    const automatic = { ...(server.entries(ID)[1] as Entry), automatic: true }
    expect(reduce(state, push(automatic)).rows.get(ID)?.conversation.read_seq).toBe(0)
  })

  it('counts follow pushes and are asked for anew when an unknown conversation turns up', () => {
    const { server, state } = start(0)
    const known = reduce(state, { type: 'rows_received', rows: [], counts: { waiting: 7, unread: 9 }, asked: state.revision })
    server.send(ID, 'c:other', 'n', { kind: 'text', text: 'n' })
    const pushed = play(known, push(server.entries(ID)[0]))
    expect(pushed.counts).toEqual({ waiting: 8, unread: 10 })
    server.send(ID, 'm:me', 'answer', { kind: 'text', text: 'answer' })
    expect(reduce(pushed, push(server.entries(ID)[1])).counts).toEqual({ waiting: 7, unread: 9 })
    expect(pushed.counts_doubtful).toBe(false)
    const unknown = reduce(pushed, { type: 'row_pushed', row: { ...server.row(ID), conversation_id: 'new' } })
    expect(unknown.counts_doubtful).toBe(true)
    const late = reduce(unknown, { type: 'rows_received', rows: [], counts: { waiting: 1, unread: 1 }, asked: pushed.revision })
    expect(late.counts_doubtful).toBe(true)
  })

  it('an answer asked for before a setting was pushed does not undo it', () => {
    const { server, state } = start(1)
    const asked = state.revision
    const pinned = reduce(state, { type: 'row_pushed', row: { ...server.row(ID), pinned: true } })
    expect(reduce(pinned, rows(server.row(ID), asked)).rows.get(ID)?.conversation.pinned).toBe(true)
    expect(reduce(pinned, rows(server.row(ID), pinned.revision)).rows.get(ID)?.conversation.pinned).toBe(false)
  })
})

describe('epoch', () => {
  it('a new one drops everything that was read and keeps what was written', () => {
    const { server, state } = start(3)
    const asked = state.revision
    const before = play(open(server, state), { type: 'echo_put', echo: echo({}) })
    const after = reduce(before, { type: 'epoch_seen', epoch: 'e2' })
    expect(after.rows.size).toBe(0)
    expect(held(after)).toEqual([])
    expect(after.cursor).toBeNull()
    expect(after.echoes.get(ID)).toHaveLength(1)
    expect(reduce(after, rows(server.row(ID), asked)).rows.size).toBe(0)
    expect(reduce(after, page(before, 'newest', server.entries(ID))).threads.get(ID)?.loaded).toBe(false)
  })
})

describe('one’s own message', () => {
  it('is replaced only when list and thread have reached its entry', () => {
    const { server, state } = start(2)
    const sent = play(open(server, state), { type: 'echo_put', echo: echo({ state: 'sent', seq: 4 }) }, { type: 'head_seen', conversation_id: ID, seq: 4 })
    expect(sent.echoes.get(ID)).toHaveLength(1)
    expect(findWants(sent)).toMatchObject([{ kind: 'newer', after: 2 }])
    server.send(ID, 'c:other', 'n', { kind: 'text', text: 'n' })
    server.send(ID, 'm:me', 'x1', { kind: 'text', text: 'hello' })
    const hole = reduce(sent, push(server.entries(ID)[3]))
    expect(hole.echoes.get(ID)).toHaveLength(1)
    const whole = reduce(hole, page(hole, 'newer', server.entries(ID).slice(2)))
    expect(whole.echoes.get(ID)).toBeUndefined()
    expect(held(whole).map((entry) => entry.client_id)).toEqual(['c1', 'c2', 'n', 'x1'])
  })

  it('once acknowledged is not set back by a late word from another tab', () => {
    const { state } = start(0)
    const after = play(state, { type: 'echo_put', echo: echo({ state: 'sent', seq: 1 }) }, { type: 'echo_put', echo: echo({ state: 'sending' }) })
    expect(after.echoes.get(ID)?.[0]?.state).toBe('sent')
  })
})

describe('memory', () => {
  it('keeps what is looked at and the newest entries; the rest is a hole that can be filled', () => {
    const { server, state } = start(1500)
    const opened = reduce(state, { type: 'thread_opened', conversation_id: ID })
    const full = reduce(opened, page(opened, 'newest', server.entries(ID), true))
    const trimmed = reduce(full, { type: 'thread_trimmed', conversation_id: ID, anchor: 400 })
    expect(trimmed.threads.get(ID)?.runs.map((run) => [firstSeq(run), lastSeq(run)])).toEqual([
      [400 - KEPT_AROUND, 400 + KEPT_AROUND],
      [1500 - KEPT_NEWEST + 1, 1500],
    ])
    expect(trimmed.threads.get(ID)?.complete).toBe(false)
    const filled = reduce(trimmed, page(trimmed, 'between', server.entries(ID), true))
    expect(held(filled)).toEqual(server.entries(ID))
  })
})

describe('somebody who joined later', () => {
  it('has no hole before the first visible entry', () => {
    const { server, state } = start(10, { joined_seq: 11 })
    const opened = reduce(state, { type: 'thread_opened', conversation_id: ID })
    const empty = reduce(opened, page(opened, 'newest', [], true))
    expect(findWants(empty)).toEqual([])
    server.send(ID, 'c:other', 'n', { kind: 'text', text: 'n' })
    expect(held(reduce(empty, push(server.entries(ID)[10])))).toHaveLength(1)
  })
})
