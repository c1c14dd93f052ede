/** What the state shows to be missing: the same holes are found whatever made them, and fetched the same way. */
import type { ConversationsState } from './model'
import { isBehind } from './rows'
import { FAR_BEHIND } from './threads'

export type Want =
  | { kind: 'row'; conversation_id: string }
  | { kind: 'newest'; conversation_id: string; generation: number; before: number }
  | { kind: 'newer'; conversation_id: string; generation: number; after: number }

/** At most one want per conversation; an open thread mends its row along with itself. */
export function findWants(state: ConversationsState): Want[] {
  const wants: Want[] = []
  for (const [id, thread] of state.threads) {
    if (!state.rows.has(id) && !state.unlisted.has(id)) wants.push({ kind: 'row', conversation_id: id })
    else if (state.rows.has(id) && (!thread.loaded || thread.head - thread.tail > FAR_BEHIND)) {
      wants.push({ kind: 'newest', conversation_id: id, generation: thread.generation, before: thread.head + 1 })
    } else if (state.rows.has(id) && thread.head > thread.tail) {
      wants.push({ kind: 'newer', conversation_id: id, generation: thread.generation, after: thread.tail })
    }
  }
  for (const id of state.unlisted.keys()) wants.push({ kind: 'row', conversation_id: id })
  const open = new Set(wants.map((want) => want.conversation_id))
  for (const [id, row] of state.rows) {
    if (open.has(id)) continue
    if (isBehind(row)) wants.push({ kind: 'row', conversation_id: id })
  }
  return wants
}

export function wantKey(want: Want): string {
  switch (want.kind) {
    case 'row':
      return `row ${want.conversation_id}`
    case 'newest':
      return `newest ${want.conversation_id} ${want.generation} ${want.before}`
    case 'newer':
      return `newer ${want.conversation_id} ${want.generation} ${want.after}`
  }
}
