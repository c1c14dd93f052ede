/** The one client of the app that is open, and its state as the screens see it. */
import { shallowRef } from 'vue'
import type { LinkState } from '../../../shared/net/link_state'
import { createClient } from './client'
import type { ClientOptions, ConversationClient, EndReason } from './client'
import type { ConversationsState } from './model'
import { emptyState } from './model'

export type StartOptions = Omit<ClientOptions, 'onLink' | 'onTyping' | 'onDrafts' | 'onProblem'>

const noTyping: ReadonlyMap<string, readonly string[]> = new Map()
const noDrafts: ReadonlyMap<string, string> = new Map()
const noProblems: ReadonlyMap<string, Error> = new Map()

export const live = {
  client: shallowRef<ConversationClient | null>(null),
  state: shallowRef<ConversationsState>(emptyState('staff', null)),
  link: shallowRef<LinkState>('connecting'),
  typing: shallowRef(noTyping),
  drafts: shallowRef(noDrafts),
  /** Why a conversation could not be read, until it could. */
  problems: shallowRef(noProblems),
}

/** After a sign-in, and on a start with a session. Call once; `endConversations` before the next account. */
export async function startConversations(options: StartOptions): Promise<void> {
  if (live.client.value !== null) await endConversations('left')
  const client = await createClient({
    ...options,
    onLink: (state) => (live.link.value = state),
    onTyping: (people) => (live.typing.value = people),
    onDrafts: (drafts) => (live.drafts.value = drafts),
    onProblem: (id, problem) => {
      if (problem === null && !live.problems.value.has(id)) return
      const next = new Map(live.problems.value)
      if (problem === null) next.delete(id)
      else next.set(id, problem)
      live.problems.value = next
    },
    onEnded: (reason) => {
      clear()
      options.onEnded(reason)
    },
  })
  live.state.value = client.store.state
  client.store.listen((state) => (live.state.value = state))
  live.client.value = client
}

/** `signed_out` wipes what this browser keeps, `expired` keeps what waits to be sent, `left` keeps all. */
export async function endConversations(reason: EndReason): Promise<void> {
  await live.client.value?.end(reason)
}

/** For a screen that cannot be shown without a sign-in. */
export function theClient(): ConversationClient {
  if (live.client.value === null) throw new Error('startConversations was not called.')
  return live.client.value
}

function clear(): void {
  live.client.value = null
  live.state.value = emptyState('staff', null)
  live.link.value = 'connecting'
  live.typing.value = noTyping
  live.drafts.value = noDrafts
  live.problems.value = noProblems
}
