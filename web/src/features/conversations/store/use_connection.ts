/** What the thin bar above a screen says. */
import { computed } from 'vue'
import type { ComputedRef, Ref } from 'vue'
import type { LinkState } from '../../../shared/net/link_state'
import { live } from './live'

export interface Connection {
  /** `connecting` is not worth a word; `degraded` and `offline` are (ux.md §3.4). */
  readonly state: Readonly<Ref<LinkState>>
  /** Messages that wait to be sent or are on their way. */
  readonly queued: ComputedRef<number>
  /** Messages that the server refused and that wait for the person. */
  readonly failed: ComputedRef<number>
  /** False over plain HTTP: nothing can be read offline. */
  readonly canCache: ComputedRef<boolean>
  /** False where the browser keeps nothing: closing the page loses what waits. */
  readonly canQueue: ComputedRef<boolean>
  retryNow(): void
}

export function useConnection(): Connection {
  const echoes = computed(() => [...live.state.value.echoes.values()].flat())
  return {
    state: live.link,
    queued: computed(() => echoes.value.filter((echo) => echo.state === 'queued' || echo.state === 'sending').length),
    failed: computed(() => echoes.value.filter((echo) => echo.state === 'failed').length),
    canCache: computed(() => live.client.value?.canCache ?? true),
    canQueue: computed(() => live.client.value?.canQueue ?? true),
    retryNow: () => live.client.value?.hurry(),
  }
}
