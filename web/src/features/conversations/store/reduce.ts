/**
 * The store is a reducer over events: pushes, answers and one's own acts go through this one pure
 * function, so that loss, reordering and repetition are mended in one place and proved by tests.
 */
import type { Conversation, Entry } from '../../../contract/types'
import { putEcho, removeEchoes } from './echoes'
import { emptyState, isOwn } from './model'
import type { ConversationsState, Row, StoreEvent, Thread } from './model'
import { advanceRow, chooseSettings, countsOf, mergeRow, moveOwnRead, moveRead } from './rows'
import { addCached, addPage, openThread, pushEntry, raiseHead, recallEntry, trimThread } from './threads'

type State = ConversationsState

export function reduce(before: State, event: StoreEvent): State {
  const state: State = { ...before, revision: before.revision + 1 }
  switch (event.type) {
    case 'epoch_seen':
      return state.epoch === null || state.epoch === event.epoch
        ? { ...state, epoch: event.epoch }
        : { ...startOver(state), epoch: event.epoch }
    case 'started_over':
      return startOver(state)
    case 'cursor_moved':
      return { ...state, cursor: event.cursor }
    case 'rows_received':
      return receiveRows(state, event)
    case 'row_pushed':
      return markPushed(putRow(state, event.row, state.revision), event.row.conversation_id)
    case 'row_gone':
      return removeRow(state, event.conversation_id)
    case 'settings_chosen':
      return markPushed(
        changeRow(state, event.conversation_id, (row) => chooseSettings(row, event.settings)),
        event.conversation_id,
      )
    case 'entry_pushed':
      return applyEntry(state, event.conversation_id, event.entry)
    case 'head_seen':
      return seeHead(state, event.conversation_id, event.seq)
    case 'recall_acked':
      return applyRecall(state, event.conversation_id, event.target_seq, event.seq)
    case 'read_moved':
      return changeRow(state, event.conversation_id, (row) =>
        isOwn(state, event.person)
          ? moveOwnRead(row.marked_unread ? { ...row, marked_unread: false } : row, event.read_seq, event.read_count)
          : moveRead(row, event.person, event.read_seq),
      )
    case 'own_read_moved':
      return changeRow(state, event.conversation_id, (row) => moveOwnRead(row, event.read_seq, event.read_count))
    case 'thread_opened':
      return putThread(state, event.conversation_id, openThread(state.revision, headOf(state, event.conversation_id)))
    case 'thread_closed':
      return dropThread(state, event.conversation_id)
    case 'thread_trimmed':
      return changeThread(state, event.conversation_id, (thread) => trimThread(thread, event.anchor))
    case 'cache_read':
      return changeThread(state, event.conversation_id, (thread) =>
        thread.generation === event.generation ? addCached(thread, event.entries) : thread,
      )
    case 'page_received':
      return receivePage(state, event)
    case 'echo_put':
      return settleEchoes({ ...state, echoes: putEcho(state.echoes, event.echo) }, event.echo.conversation_id)
    case 'echo_removed':
      return {
        ...state,
        echoes: removeEchoes(state.echoes, event.conversation_id, (echo) => echo.client_id === event.client_id),
      }
  }
}

/** Everything read from the server goes; what was written here and not yet sent stays. */
function startOver(state: State): State {
  const threads = new Map([...state.threads.keys()].map((id) => [id, openThread(state.revision, 0)] as const))
  return {
    ...emptyState(state.surface, state.userid),
    epoch: state.epoch,
    revision: state.revision,
    born: state.revision,
    echoes: state.echoes,
    threads,
  }
}

function receiveRows(state: State, answer: Extract<StoreEvent, { type: 'rows_received' }>): State {
  if (answer.asked < state.born) return state
  const next = answer.rows.reduce((each, row) => putRow(each, row, answer.asked), state)
  if (answer.counts === null) return next
  // What was pushed during the question may or may not be in the answer.
  return {
    ...next,
    counts: { ...answer.counts },
    counts_doubtful: state.counts_revision > answer.asked,
    counts_revision: state.counts_revision,
  }
}

function putRow(state: State, incoming: Conversation, asked: number): State {
  const id = incoming.conversation_id
  const known = state.rows.get(id)
  const next = setRow(state, id, mergeRow(known, incoming, asked))
  // How an unknown conversation counted before cannot be told: the numbers are asked for anew.
  const counted = known === undefined ? doubtCounts(forgetUnlisted(next, id)) : next
  // What was pushed before the row came may be newer than the row.
  return settleEchoes(seeHead(counted, id, Math.max(incoming.last_seq, state.unlisted.get(id) ?? 0)), id)
}

/** Replaces one row and carries its part of the counts along. */
function setRow(state: State, id: string, row: Row): State {
  const known = state.rows.get(id)
  if (known === row) return state
  const rows = new Map(state.rows).set(id, row)
  if (known === undefined) return { ...state, rows }
  const before = countsOf(known)
  const after = countsOf(row)
  const counts = {
    waiting: Math.max(0, state.counts.waiting + after.waiting - before.waiting),
    unread: Math.max(0, state.counts.unread + after.unread - before.unread),
  }
  const isMoved = counts.waiting !== state.counts.waiting || counts.unread !== state.counts.unread
  return isMoved ? { ...state, rows, counts, counts_revision: state.revision } : { ...state, rows }
}

function doubtCounts(state: State): State {
  return { ...state, counts_doubtful: true, counts_revision: state.revision }
}

function changeRow(state: State, id: string, change: (conversation: Conversation) => Conversation): State {
  const row = state.rows.get(id)
  if (row === undefined) return state
  const conversation = change(row.conversation)
  return conversation === row.conversation ? state : setRow(state, id, { ...row, conversation })
}

function markPushed(state: State, id: string): State {
  const row = state.rows.get(id)
  return row === undefined ? state : setRow(state, id, { ...row, settings_revision: state.revision })
}

function removeRow(state: State, id: string): State {
  const rows = new Map(state.rows)
  const known = rows.delete(id)
  const next = dropThread(forgetUnlisted({ ...state, rows }, id), id)
  return known ? doubtCounts(next) : next
}

function applyEntry(state: State, id: string, entry: Entry): State {
  const row = state.rows.get(id)
  const listed = row === undefined ? state : setRow(state, id, advanceRow(row, entry, state))
  const applied = changeThread(listed, id, (thread) => pushEntry(thread, entry))
  return settleEchoes(proveRow(row === undefined ? seeUnlisted(applied, id, entry.seq) : applied, id), id)
}

function seeUnlisted(state: State, id: string, seq: number): State {
  return seq > (state.unlisted.get(id) ?? 0) ? { ...state, unlisted: new Map(state.unlisted).set(id, seq) } : state
}

function forgetUnlisted(state: State, id: string): State {
  if (!state.unlisted.has(id)) return state
  const unlisted = new Map(state.unlisted)
  unlisted.delete(id)
  return { ...state, unlisted }
}

function applyRecall(state: State, id: string, targetSeq: number, seq: number): State {
  const erased = changeRow(state, id, (row) =>
    row.last?.seq === targetSeq && row.last.body !== null ? { ...row, last: { ...row.last, body: null } } : row,
  )
  return changeThread(erased, id, (thread) => raiseHead(recallEntry(thread, targetSeq), seq))
}

function receivePage(state: State, page: Extract<StoreEvent, { type: 'page_received' }>): State {
  const id = page.conversation_id
  const thread = state.threads.get(id)
  if (thread?.generation !== page.generation) return state
  const next = putThread(state, id, addPage(thread, page))
  return settleEchoes(page.part === 'between' ? next : catchUpRow(next, id, page.items), id)
}

/** What the thread read past the row's end, the row learns too. */
function catchUpRow(state: State, id: string, items: readonly Entry[]): State {
  const row = state.rows.get(id)
  if (row === undefined) return state
  const advanced = items.reduce((each, entry) => advanceRow(each, entry, state), row)
  return proveRow(setRow(state, id, advanced), id)
}

/** A thread that has applied everything up to the row's end has seen what the row missed. */
function proveRow(state: State, id: string): State {
  const row = state.rows.get(id)
  const thread = state.threads.get(id)
  if (row === undefined || thread === undefined || !row.holed) return state
  return thread.tail >= row.conversation.last_seq ? setRow(state, id, { ...row, holed: false }) : state
}

function seeHead(state: State, id: string, seq: number): State {
  const row = state.rows.get(id)
  const raised = row !== undefined && seq > row.head ? setRow(state, id, { ...row, head: seq }) : state
  return changeThread(raised, id, (thread) => raiseHead(thread, seq))
}

function headOf(state: State, id: string): number {
  return state.rows.get(id)?.conversation.last_seq ?? 0
}

/** An acknowledged echo goes when the list and, if open, the thread have reached its entry. */
function settleEchoes(state: State, id: string): State {
  const listed = headOf(state, id)
  const thread = state.threads.get(id)
  const reached = thread === undefined ? listed : Math.min(listed, thread.tail)
  const echoes = removeEchoes(state.echoes, id, (echo) => echo.seq !== null && echo.seq <= reached)
  return echoes === state.echoes ? state : { ...state, echoes }
}

function putThread(state: State, id: string, thread: Thread): State {
  return { ...state, threads: new Map(state.threads).set(id, thread) }
}

function changeThread(state: State, id: string, change: (thread: Thread) => Thread): State {
  const thread = state.threads.get(id)
  if (thread === undefined) return state
  const next = change(thread)
  return next === thread ? state : putThread(state, id, next)
}

function dropThread(state: State, id: string): State {
  if (!state.threads.has(id)) return state
  const threads = new Map(state.threads)
  threads.delete(id)
  return { ...state, threads }
}
