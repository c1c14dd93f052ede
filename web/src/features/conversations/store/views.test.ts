import { describe, expect, it } from 'vitest'
import type { Conversation } from '../../../contract/types'
import type { Echo, Row, Thread } from './model'
import { addEntries } from './ranges'
import { FakeServer } from './testing/fake_server'
import { echo } from './testing/log_of_one'
import { openThread } from './threads'
import { horizonOf, listRows, threadRows } from './views'
import type { Horizon, Segment } from './views'

const me = { surface: 'staff', userid: 'me' } as const

function thread(seqs: number[], more: Partial<Thread> = {}): Thread {
  const server = new FakeServer()
  server.create('a')
  for (let seq = 1; seq <= 20; seq += 1)
    server.send('a', seq % 5 === 0 ? 'm:me' : 'c:o', `c${seq}`, { kind: 'text', text: `${seq}` })
  const tail = seqs.at(-1) ?? 0
  const runs = addEntries(
    [],
    server.entries('a').filter((entry) => seqs.includes(entry.seq)),
  )
  return { ...openThread(1, tail), loaded: true, runs, tail, ...more }
}

function keys(shown: Thread, echoes: Echo[] = []): string[] {
  return threadRows(me, shown, echoes).map((row) =>
    row.kind === 'gap' ? `gap ${row.after}-${row.before ?? 'end'}` : row.key,
  )
}

describe('the rows of a thread', () => {
  it('say where something is missing', () => {
    expect(keys(thread([1, 2, 7, 8]))).toEqual(['#1', '#2', 'gap 2-7', '#7', '#8'])
    expect(keys(thread([7, 8], { head: 11 }))).toEqual(['#7', '#8', 'gap 8-end'])
  })

  it('keep the key of one’s own message when its entry takes its place', () => {
    const before = keys(thread([3, 4]), [echo({ client_id: 'c5', state: 'sending' })])
    expect(before).toEqual(['#3', '#4', 'own c5'])
    expect(keys(thread([3, 4], { head: 5 }), [echo({ client_id: 'c5', state: 'sent', seq: 5 })])).toEqual(before)
    expect(keys(thread([3, 4, 5]), [echo({ client_id: 'c5', state: 'sent', seq: 5 })])).toEqual(before)
    expect(keys(thread([3, 4, 5]), [echo({ client_id: 'c5', state: 'sending' })])).toEqual(before)
  })

  it('end with what waits, in the order of writing; what others send comes before it', () => {
    const waiting = [echo({ client_id: 'x1', position: 1 }), echo({ client_id: 'x2', position: 2 })]
    expect(keys(thread([1, 2]), waiting)).toEqual(['#1', '#2', 'own x1', 'own x2'])
    expect(keys(thread([1, 2, 3]), waiting)).toEqual(['#1', '#2', '#3', 'own x1', 'own x2'])
    const acked = [
      echo({ client_id: 'x2', position: 2, state: 'sent', seq: 4 }),
      echo({ client_id: 'x1', position: 1 }),
    ]
    expect(keys(thread([1, 2, 3], { head: 4 }), acked)).toEqual(['#1', '#2', '#3', 'own x2', 'own x1'])
  })

  it('leave a refused message where it was written', () => {
    const failed = echo({ client_id: 'x1', state: 'failed', anchor_seq: 2 })
    expect(keys(thread([1, 2, 3, 4]), [failed, echo({ client_id: 'x2', position: 2 })])).toEqual([
      '#1',
      '#2',
      'own x1',
      '#3',
      '#4',
      'own x2',
    ])
  })
})

describe('the rows of a list', () => {
  const server = new FakeServer()
  for (const [index, id] of ['a', 'b', 'c', 'd'].entries()) {
    server.create(id, {
      last_at: index,
      pinned: id === 'a',
      waiting_since: id === 'd' || id === 'b' ? 100 - index : null,
      kind: id === 'c' ? 'direct' : 'customer',
    })
  }
  const rows = new Map<string, Row>(
    server.ids.map((id) => [id, { conversation: server.row(id), settings_revision: 0, head: 0, holed: false }]),
  )
  const ids = (segment: Segment, horizon: Horizon | null = null) =>
    listRows(rows, segment, horizon).map((row) => row.conversation_id)

  it('are pinned first, then the latest; who has waited longest is first among the waiting', () => {
    expect(ids('all')).toEqual(['a', 'd', 'c', 'b'])
    expect(ids('waiting')).toEqual(['d', 'b'])
    expect(ids('direct')).toEqual(['c'])
  })

  it('end where reading from the server ended', () => {
    expect(ids('all', horizonOf(rows.get('c')?.conversation as Conversation, 'all'))).toEqual(['a', 'd', 'c'])
    expect(ids('waiting', horizonOf(rows.get('d')?.conversation as Conversation, 'waiting'))).toEqual(['d'])
  })
})
