/** A consumer's own eyes: each of their conversations has one member on the other side. */
import type { Conversation, Person } from '@/contract/types'
import { peerOf, type Viewpoint } from '../components/people'

export const CONSUMER: Viewpoint = { surface: 'consumer', ownId: null }

export function memberOf(conversation: Conversation): Person | null {
  return peerOf(conversation, CONSUMER)
}

/** `m:xiaoming` → `xiaoming` */
export function useridOf(person: Person): string {
  return person.id.slice(2)
}
