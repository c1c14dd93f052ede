/** One conversation for a screen: its entries and one's own messages as one list, and all that can be done with it. */
import { computed, onScopeDispose, shallowRef, toValue, watch } from 'vue'
import type { ComputedRef, MaybeRefOrGetter, ShallowRef, WritableComputedRef } from 'vue'
import type { Body, Conversation } from '../../../contract/types'
import { newClientId } from '../../../shared/net/ids'
import { attachmentOf, attachmentOfVoice } from './attachments'
import { live, theClient } from './live'
import type { Attachment, Settings } from './model'
import { firstSeq } from './ranges'
import { KEPT_AROUND } from './threads'
import { threadRows } from './views'
import type { ThreadRow } from './views'

export interface ThreadView {
  readonly conversation: ComputedRef<Conversation | null>
  /** Oldest first; `key` is stable from the first echo to the entry of the log. */
  readonly rows: ComputedRef<ThreadRow[]>
  /** The newest entries are there, from the cache or the server. */
  readonly loaded: ComputedRef<boolean>
  /** Nothing older exists. */
  readonly complete: ComputedRef<boolean>
  readonly loadingOlder: Readonly<ShallowRef<boolean>>
  readonly error: ComputedRef<Error | null>
  /** Others who are writing right now. */
  readonly typing: ComputedRef<readonly string[]>
  /** What stands in the composer; kept by conversation, and the same in every tab. */
  readonly draft: WritableComputedRef<string>
  /** Rejects with `Offline` or `ApiProblem`; `error` tells about the newest page only. */
  loadOlder(): Promise<void>
  /** For a `gap` row that came into view; `from` is the side one scrolled from. */
  fillGap(gap: { after: number; before: number | null }, from: 'above' | 'below'): Promise<void>
  /** Resolve when the message is kept on this device and shown. The draft is not touched. */
  send(body: Body): Promise<void>
  sendFile(file: Blob & { readonly name?: string }): Promise<void>
  sendVoice(recording: Blob, durationMs: number): Promise<void>
  retry(clientId: string): Promise<void>
  remove(clientId: string): Promise<void>
  recall(seq: number): Promise<void>
  change(settings: Settings): Promise<void>
  /** The person is writing. */
  wrote(): void
  /**
   * What is on screen: a seq in its middle, and whether its end is in view. Reading is told to the
   * server from here, as long as the page is visible; memory is freed far away from it.
   */
  viewing(seq: number, atEnd: boolean): void
}

/** Above so many entries what is far from the viewport is dropped. */
const HELD_AT_MOST = 3 * KEPT_AROUND

export function useThread(conversationId: MaybeRefOrGetter<string>): ThreadView {
  const id = computed(() => toValue(conversationId))
  const thread = computed(() => live.state.value.threads.get(id.value))
  const echoes = computed(() => live.state.value.echoes.get(id.value))
  const conversation = computed(() => live.state.value.rows.get(id.value)?.conversation ?? null)
  const surface = computed(() => live.state.value.surface)
  const userid = computed(() => live.state.value.userid)
  const loadingOlder = shallowRef(false)
  const atEnd = shallowRef(false)
  const isVisible = shallowRef(document.visibilityState === 'visible')

  const look = () => {
    isVisible.value = document.visibilityState === 'visible'
  }
  document.addEventListener('visibilitychange', look)
  onScopeDispose(() => document.removeEventListener('visibilitychange', look))

  watch(
    [id, live.client],
    ([wanted, client], _former, onCleanup) => {
      if (client === null) return
      atEnd.value = false
      const close = client.actions.openThread(wanted)
      const unwatch = client.watched.add(wanted)
      onCleanup(() => {
        unwatch()
        close()
      })
    },
    { immediate: true },
  )

  const tail = computed(() => (thread.value?.loaded ? thread.value.tail : 0))
  // Not the mark by hand: who marks an open conversation as unread means it.
  watch([tail, atEnd, isVisible], () => {
    if (atEnd.value && isVisible.value && tail.value > 0) live.client.value?.reads.mark(id.value, tail.value)
  })

  const put = (body: Body | null, attachment: Attachment | null): Promise<void> =>
    theClient().outbox.add({
      client_id: newClientId(),
      conversation_id: id.value,
      created_at: Date.now(),
      body,
      attachment,
    })

  return {
    conversation,
    rows: computed(() =>
      threadRows({ surface: surface.value, userid: userid.value }, thread.value, echoes.value ?? []),
    ),
    loaded: computed(() => thread.value?.loaded ?? false),
    complete: computed(() => thread.value?.complete ?? false),
    loadingOlder,
    error: computed(() => live.problems.value.get(id.value) ?? null),
    typing: computed(() => live.typing.value.get(id.value) ?? []),
    draft: computed({
      get: () => live.drafts.value.get(id.value) ?? '',
      set: (text) => live.client.value?.drafts.set(id.value, text),
    }),
    async loadOlder() {
      if (loadingOlder.value) return
      loadingOlder.value = true
      try {
        await theClient().actions.loadOlder(id.value)
      } finally {
        loadingOlder.value = false
      }
    },
    fillGap: (gap, from) => theClient().actions.fillGap(id.value, gap, from),
    send: (body) => put(body, null),
    sendFile: (file) => put(null, attachmentOf(file)),
    sendVoice: (recording, durationMs) => put(null, attachmentOfVoice(recording, durationMs)),
    retry: (clientId) => theClient().outbox.retry(clientId),
    remove: (clientId) => theClient().outbox.remove(clientId),
    recall: (seq) => theClient().actions.recall(id.value, seq),
    change: (settings) => theClient().actions.change(id.value, settings),
    wrote: () => live.client.value?.typing.wrote(id.value),
    viewing(seq, isAtEnd) {
      atEnd.value = isAtEnd
      const runs = thread.value?.runs ?? []
      const held = runs.reduce((sum, run) => sum + run.length, 0)
      if (held <= HELD_AT_MOST) return
      const anchor = isAtEnd ? tail.value : Math.max(seq, firstSeq(runs[0] ?? []))
      live.client.value?.store.dispatch({ type: 'thread_trimmed', conversation_id: id.value, anchor })
    },
  }
}
