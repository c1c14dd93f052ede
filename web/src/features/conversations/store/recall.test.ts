import { describe, expect, it } from 'vitest'
import type { Entry } from '../../../contract/types'
import { reduce } from './reduce'
import { held, ID, open, page, play, push, rows, start } from './testing/log_of_one'
import { findWants } from './wants'

describe('recall', () => {
  it('wins over a copy of its target that arrives later', () => {
    const { server, state } = start(3)
    const stale = server.entries(ID)[1]
    const opened = reduce(state, { type: 'thread_opened', conversation_id: ID })
    server.recall(ID, 'c:other', 'r', 2)
    const after = play(
      opened,
      push(server.entries(ID)[3]),
      page(opened, 'newest', [
        ...server.entries(ID).slice(0, 1),
        ...(stale ? [stale] : []),
        ...server.entries(ID).slice(2),
      ]),
    )
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

  it('lies between a late first answer and what is held: that answer is not trusted', () => {
    const { server, state } = start(3)
    const opened = reduce(state, { type: 'thread_opened', conversation_id: ID })
    const late = page(opened, 'newest', server.page(ID, { before: 4 }, 3).items)
    server.recall(ID, 'c:other', 'r', 2)
    for (const number of [5, 6, 7]) server.send(ID, 'c:other', `c${number}`, { kind: 'text', text: `${number}` })
    const newest = page(opened, 'newest', server.page(ID, { before: 8 }, 3).items)
    expect(held(play(opened, newest, late)).map((entry) => entry.seq)).toEqual([5, 6, 7])
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
