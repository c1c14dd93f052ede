/** Lists of the server page by key (`?after=`). Two ways through one: growing (“load more”) or page by page. */
import { computed, ref, shallowRef } from 'vue'

export interface KeyPage<Item> {
  items: Item[]
  next: string | null
}

/** `load(after)` asks for one page. Failures stay in `error`; what is shown is kept. */
export function useKeyPages<Item>(load: (after: string | null) => Promise<KeyPage<Item>>) {
  const items = shallowRef<Item[]>([])
  const error = shallowRef<unknown>(null)
  const busy = ref(false)
  const loaded = ref(false)
  const starts = ref<(string | null)[]>([null])
  const next = ref<string | null>(null)
  let latest = 0

  /** An answer that was overtaken by a later question is dropped. */
  async function fetchPage(after: string | null, show: (page: KeyPage<Item>) => void): Promise<void> {
    const turn = (latest += 1)
    busy.value = true
    error.value = null
    try {
      const page = await load(after)
      if (turn !== latest) return
      show(page)
      next.value = page.next
      loaded.value = true
    } catch (failure) {
      if (turn === latest) error.value = failure
    } finally {
      if (turn === latest) busy.value = false
    }
  }

  const replace = (page: KeyPage<Item>) => (items.value = page.items)

  return {
    items,
    error,
    busy,
    /** At least one page has come. */
    loaded,
    hasMore: computed(() => next.value !== null),
    hasPrevious: computed(() => starts.value.length > 1),
    page: computed(() => starts.value.length),
    restart: () => fetchPage(null, (page) => {
      starts.value = [null]
      replace(page)
    }),
    more: () => fetchPage(next.value, (page) => (items.value = [...items.value, ...page.items])),
    nextPage: () => {
      const after = next.value
      return fetchPage(after, (page) => {
        starts.value.push(after)
        replace(page)
      })
    },
    previousPage: () => fetchPage(starts.value.at(-2) ?? null, (page) => {
      starts.value.pop()
      replace(page)
    }),
  }
}
