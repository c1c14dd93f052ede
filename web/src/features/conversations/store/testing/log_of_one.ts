/** One conversation `a` with some entries, and the events that bring it into a store. */
import type { Conversation, Entry } from '../../../../contract/types'
import { emptyState } from '../model'
import type { ConversationsState, Echo, StoreEvent } from '../model'
import { reduce } from '../reduce'
import { FakeServer } from './fake_server'

export const ID = 'a'

export function start(
  entries = 0,
  options: Partial<Conversation> = {},
): { server: FakeServer; state: ConversationsState } {
  const server = new FakeServer()
  server.create(ID, options)
  for (let count = 1; count <= entries; count += 1)
    server.send(ID, 'c:other', `c${count}`, { kind: 'text', text: `${count}` })
  return { server, state: play(emptyState('staff', 'me'), { type: 'epoch_seen', epoch: 'e1' }, rows(server.row(ID))) }
}

export function play(state: ConversationsState, ...events: StoreEvent[]): ConversationsState {
  return events.reduce(reduce, state)
}

export function rows(row: Conversation, asked = 1): StoreEvent {
  return { type: 'rows_received', rows: [row], counts: null, asked }
}

export function open(server: FakeServer, before: ConversationsState): ConversationsState {
  const state = reduce(before, { type: 'thread_opened', conversation_id: ID })
  const { items, more } = server.page(ID, { before: 1e9 }, 50)
  return reduce(state, page(state, 'newest', items, !more))
}

export function page(
  state: ConversationsState,
  part: 'newest' | 'newer' | 'between',
  items: readonly Entry[],
  reachesStart = false,
): StoreEvent {
  const generation = state.threads.get(ID)?.generation ?? 0
  const through = state.rows.get(ID)?.conversation.last_seq ?? 0
  return { type: 'page_received', conversation_id: ID, generation, part, items, through, reaches_start: reachesStart }
}

export function push(entry: Entry | undefined): StoreEvent {
  if (entry === undefined) throw new Error('no such entry')
  return { type: 'entry_pushed', conversation_id: ID, entry }
}

export function held(state: ConversationsState): Entry[] {
  return [...(state.threads.get(ID)?.runs.flat() ?? [])]
}

export function echo(parts: Partial<Echo>): Echo {
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

export function pageEvent(
  id: string,
  generation: number,
  part: 'newest' | 'newer' | 'between',
  items: Extract<StoreEvent, { type: 'page_received' }>['items'],
  through: number | null,
  reachesStart: boolean,
): StoreEvent {
  return { type: 'page_received', conversation_id: id, generation, part, items, through, reaches_start: reachesStart }
}
