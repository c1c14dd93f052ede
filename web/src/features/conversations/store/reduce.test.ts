import { describe, expect, it } from 'vitest'
import type { Conversation, Entry } from '../../../contract/types'
import { unreadOf } from './model'
import type { StoreEvent } from './model'
import { reduce } from './reduce'
import { firstSeq, lastSeq } from './ranges'
import { echo, held, ID, open, page, play, push, rows, start } from './testing/log_of_one'
import { KEPT_AROUND, KEPT_NEWEST } from './threads'
import { findWants } from './wants'

describe('cursors and counts', () => {
  it('read cursors never go back and unread is a difference of counts', () => {
    const { server, state } = start(5)
    expect(unreadOf(state.rows.get(ID)?.conversation as Conversation)).toBe(5)
    const read = reduce(state, { type: 'own_read_moved', conversation_id: ID, read_seq: 4, read_count: 4 })
    const after = play(read, rows(server.row(ID)), {
      type: 'read_moved',
      conversation_id: ID,
      person: 'm:me',
      read_seq: 2,
      read_count: 2,
    })
    expect(after.rows.get(ID)?.conversation).toMatchObject({ read_seq: 4, read_count: 4 })
    expect(unreadOf(after.rows.get(ID)?.conversation as Conversation)).toBe(1)
  })

  it('the cursors of others never go back', () => {
    const { state } = start(5)
    const moved = (seq: number): StoreEvent => ({
      type: 'read_moved',
      conversation_id: ID,
      person: 'c:other',
      read_seq: seq,
      read_count: seq,
    })
    expect(play(state, moved(4), moved(2)).rows.get(ID)?.conversation.reads).toEqual([
      { person: 'c:other', read_seq: 4 },
    ])
  })

  it('what one typed on another device is read, what was sent in one’s name is not', () => {
    const { server, state } = start(0)
    server.send(ID, 'm:me', 'o', { kind: 'text', text: 'mine' })
    const after = reduce(state, push(server.entries(ID)[0])).rows.get(ID)?.conversation as Conversation
    expect([after.read_seq, unreadOf(after)]).toEqual([1, 0])
    const automatic = { ...(server.entries(ID)[0] as Entry), automatic: true }
    expect(reduce(state, push(automatic)).rows.get(ID)?.conversation.read_seq).toBe(0)
  })

  it('what one wrote without having seen the other’s message leaves that unread', () => {
    const { server, state } = start(1)
    server.send(ID, 'm:me', 'o', { kind: 'text', text: 'written in the tunnel' })
    const after = reduce(state, push(server.entries(ID)[1]))
    const row = after.rows.get(ID)?.conversation as Conversation
    expect([row.read_seq, unreadOf(row)]).toEqual([0, 1])
    const read: StoreEvent = { type: 'own_read_moved', conversation_id: ID, read_seq: 1, read_count: 2 }
    expect(unreadOf(reduce(after, read).rows.get(ID)?.conversation as Conversation)).toBe(0)
  })

  it('counts follow pushes and are asked for anew when an unknown conversation turns up', () => {
    const { server, state } = start(0)
    const known = reduce(state, {
      type: 'rows_received',
      rows: [],
      counts: { waiting: 7, unread: 9 },
      asked: state.revision,
    })
    server.send(ID, 'c:other', 'n', { kind: 'text', text: 'n' })
    const pushed = play(known, push(server.entries(ID)[0]))
    expect(pushed.counts).toEqual({ waiting: 8, unread: 10 })
    server.send(ID, 'm:me', 'answer', { kind: 'text', text: 'answer' })
    const answered = reduce(pushed, push(server.entries(ID)[1]))
    expect(answered.counts).toEqual({ waiting: 7, unread: 10 })
    const read: StoreEvent = { type: 'own_read_moved', conversation_id: ID, read_seq: 2, read_count: 2 }
    expect(reduce(answered, read).counts).toEqual({ waiting: 7, unread: 9 })
    expect(pushed.counts_doubtful).toBe(false)
    const unknown = reduce(pushed, { type: 'row_pushed', row: { ...server.row(ID), conversation_id: 'new' } })
    expect(unknown.counts_doubtful).toBe(true)
    const late = reduce(unknown, {
      type: 'rows_received',
      rows: [],
      counts: { waiting: 1, unread: 1 },
      asked: pushed.revision,
    })
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
    const sent = play(
      open(server, state),
      { type: 'echo_put', echo: echo({ state: 'sent', seq: 4 }) },
      { type: 'head_seen', conversation_id: ID, seq: 4 },
    )
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
    const after = play(
      state,
      { type: 'echo_put', echo: echo({ state: 'sent', seq: 1 }) },
      { type: 'echo_put', echo: echo({ state: 'sending' }) },
    )
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
