import { describe, expect, it } from 'vitest'
import type { Entry } from '@/contract/types'
import type { Echo, ThreadRow } from '../store'
import { threadItems } from './thread_items'

const NINE = Date.UTC(2026, 10, 21, 1) * 1000
const MINUTE = 60_000_000

function said(seq: number, minutes: number, changes: Partial<Entry> = {}): ThreadRow {
  const entry: Entry = {
    seq, count: seq, id: `e${seq}`, kind: 'text', sender: 'c:wang', client_id: null, target_seq: null,
    body: { kind: 'text', text: String(seq) }, sent_at: NINE + minutes * MINUTE, automatic: false, ...changes,
  }
  return { kind: 'entry', key: `#${seq}`, entry, own: entry.sender === 'm:ming' }
}

const own = (seq: number, minutes: number, changes: Partial<Entry> = {}) => said(seq, minutes, { sender: 'm:ming', ...changes })
const kinds = (rows: ThreadRow[], unreadAfter: number | null = null) => threadItems(rows, unreadAfter).map((item) => item.kind)
const groups = (rows: ThreadRow[]) => threadItems(rows, null).flatMap((item) => (item.kind === 'message' ? [[item.first, item.last]] : []))

describe('what a thread draws', () => {
  it('says the time at the start and after a pause, not in between', () => {
    expect(kinds([said(1, 0), said(2, 20), said(3, 60)])).toEqual(['time', 'message', 'message', 'time', 'message'])
  })

  it('says it again when a day begins in the company’s zone', () => {
    const midnight = 15 * 60
    expect(kinds([said(1, midnight - 1), said(2, midnight + 1)])).toEqual(['time', 'message', 'time', 'message'])
  })

  it('groups what one person says in one go', () => {
    expect(groups([said(1, 0), said(2, 1), own(3, 2), said(4, 3), said(5, 10)])).toEqual([
      [true, false], [false, true], [true, true], [true, true], [true, true],
    ])
  })

  it('breaks a group at a recalled message and at a line of the product', () => {
    const line = said(2, 1, { kind: 'system', sender: null, body: { kind: 'system', event: 'customer_added', params: {} } })
    expect(kinds([said(1, 0), line, said(3, 2, { body: null }), said(4, 3)])).toEqual(['time', 'message', 'line', 'recalled', 'message'])
    expect(groups([said(1, 0), said(2, 1, { body: null }), said(3, 2)])).toEqual([[true, true], [true, true]])
  })

  it('marks where the news begin: behind what was read, at somebody else’s message', () => {
    expect(kinds([said(1, 0), own(2, 1), said(3, 2), said(4, 3)], 1)).toEqual(['time', 'message', 'message', 'unread', 'message', 'message'])
    expect(kinds([said(1, 0), own(2, 1)], 1)).not.toContain('unread')
  })

  it('joins a message on its way to one’s own before it', () => {
    const echo: Echo = {
      client_id: 'x', conversation_id: 'c', position: 1, created_at: (NINE + MINUTE) / 1000, state: 'queued',
      body: { kind: 'text', text: 'hi' }, attachment: null, progress: null, problem: null, seq: null, anchor_seq: null,
    }
    expect(groups([own(1, 0), { kind: 'echo', key: 'own x', echo }])).toEqual([[true, false], [false, true]])
  })
})
