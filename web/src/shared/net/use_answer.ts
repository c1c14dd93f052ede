/** What a screen reads over HTTP: asked when its question changes, with room for waiting, failing and asking again. */
import { onScopeDispose, shallowRef, watch } from 'vue'
import type { ShallowRef } from 'vue'
import { ApiProblem, Offline } from './problems'

export interface Answer<T> {
  readonly data: ShallowRef<T | null>
  readonly busy: Readonly<ShallowRef<boolean>>
  readonly error: Readonly<ShallowRef<ApiProblem | Offline | null>>
  reload(): Promise<void>
}

/** `key`: what the answer depends on; null asks nothing. A later question's answer is never overwritten by an earlier one's. */
export function useAnswer<T>(key: () => string | null, ask: (key: string, signal: AbortSignal) => Promise<T>): Answer<T> {
  const data = shallowRef<T | null>(null)
  const busy = shallowRef(false)
  const error = shallowRef<ApiProblem | Offline | null>(null)
  let running: AbortController | null = null

  const run = async (wanted: string | null) => {
    running?.abort()
    running = null
    if (wanted === null) return
    const mine = (running = new AbortController())
    busy.value = true
    try {
      const answer = await ask(wanted, mine.signal)
      if (running !== mine) return
      data.value = answer
      error.value = null
    } catch (caught) {
      if (running !== mine) return
      if (!(caught instanceof ApiProblem || caught instanceof Offline)) throw caught
      error.value = caught
    } finally {
      if (running === mine) busy.value = false
    }
  }

  watch(
    key,
    (wanted) => {
      data.value = null
      error.value = null
      void run(wanted)
    },
    { immediate: true },
  )
  onScopeDispose(() => running?.abort())

  return { data, busy, error, reload: () => run(key()) }
}

/** A list that is read page by page. */
export interface Pages<T> {
  readonly items: ShallowRef<readonly T[]>
  readonly busy: Readonly<ShallowRef<boolean>>
  readonly loaded: Readonly<ShallowRef<boolean>>
  readonly hasMore: Readonly<ShallowRef<boolean>>
  readonly error: Readonly<ShallowRef<ApiProblem | Offline | null>>
  more(): Promise<void>
  reload(): Promise<void>
}

type AskPage<T> = (key: string, after: string | null, signal: AbortSignal) => Promise<{ items: T[]; next: string | null }>

export function usePages<T>(key: () => string | null, ask: AskPage<T>): Pages<T> {
  const items = shallowRef<readonly T[]>([])
  const busy = shallowRef(false)
  const loaded = shallowRef(false)
  const hasMore = shallowRef(true)
  const error = shallowRef<ApiProblem | Offline | null>(null)
  let next: string | null = null
  let running: AbortController | null = null

  const run = async (isFirst: boolean) => {
    const wanted = key()
    if (wanted === null || (!isFirst && (busy.value || !hasMore.value))) return
    running?.abort()
    const mine = (running = new AbortController())
    busy.value = true
    try {
      const page = await ask(wanted, isFirst ? null : next, mine.signal)
      if (running !== mine) return
      items.value = isFirst ? page.items : [...items.value, ...page.items]
      next = page.next
      hasMore.value = next !== null
      loaded.value = true
      error.value = null
    } catch (caught) {
      if (running !== mine) return
      if (!(caught instanceof ApiProblem || caught instanceof Offline)) throw caught
      error.value = caught
    } finally {
      if (running === mine) busy.value = false
    }
  }

  watch(
    key,
    () => {
      // What is shown stays until the new first page is there: a search does not flicker.
      busy.value = false
      void run(true)
    },
    { immediate: true },
  )
  onScopeDispose(() => running?.abort())

  return { items, busy, loaded, hasMore, error, more: () => run(false), reload: () => run(true) }
}
