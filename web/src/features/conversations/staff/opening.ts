/** Conversations that begin here: with a colleague, or a group of them. */
import type { Conversation } from '@/contract/types'
import { api } from '@/features/identity/staff/session'

export async function openDirect(userid: string): Promise<string> {
  return (await api.post<Conversation>('conversations', { kind: 'direct', userid }, { idempotency: true })).conversation_id
}

export async function openGroup(title: string, userids: readonly string[]): Promise<string> {
  return (await api.post<Conversation>('conversations', { kind: 'group', title, userids }, { idempotency: true })).conversation_id
}
