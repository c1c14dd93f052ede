/** Which part of a long thread is in the document: enough around what one sees, never thousands of rows. */
import { computed, ref } from 'vue'
import type { ComputedRef } from 'vue'

interface Keyed {
  readonly key: string
}

const FIRST = 60
const STEP = 40
const MOST = 140

export interface ThreadWindow<Item> {
  readonly shown: ComputedRef<readonly Item[]>
  /** The newest item is in the document. */
  readonly reachesEnd: ComputedRef<boolean>
  readonly reachesStart: ComputedRef<boolean>
  /** More than is good for the document. */
  readonly isLong: ComputedRef<boolean>
  showOlder(): void
  showNewer(): void
  /** Back to the newest items. */
  showLatest(): void
  showAround(key: string): void
}

export function useThreadWindow<Item extends Keyed>(items: () => readonly Item[]): ThreadWindow<Item> {
  /** Keys, since rows come in front and behind; null: open end. */
  const startKey = ref<string | null>(null)
  const endKey = ref<string | null>(null)

  const indexOf = (key: string | null, otherwise: number) => {
    const index = key === null ? -1 : items().findIndex((item) => item.key === key)
    return index < 0 ? otherwise : index
  }
  const end = computed(() => indexOf(endKey.value, items().length - 1) + 1)
  const start = computed(() => Math.min(indexOf(startKey.value, Math.max(0, end.value - FIRST)), Math.max(0, end.value - 1)))

  const place = (from: number, to: number) => {
    const all = items()
    startKey.value = all[Math.max(0, from)]?.key ?? null
    endKey.value = to >= all.length ? null : (all[to - 1]?.key ?? null)
  }

  return {
    shown: computed(() => items().slice(start.value, end.value)),
    reachesEnd: computed(() => end.value >= items().length),
    reachesStart: computed(() => start.value === 0),
    isLong: computed(() => end.value - start.value > MOST),
    showOlder() {
      const from = Math.max(0, start.value - STEP)
      place(from, Math.min(end.value, from + MOST))
    },
    showNewer() {
      const to = Math.min(items().length, end.value + STEP)
      place(Math.max(start.value, to - MOST), to)
    },
    showLatest() {
      place(items().length - FIRST, items().length)
    },
    showAround(key) {
      const index = indexOf(key, items().length - 1)
      place(index - FIRST / 2, Math.min(items().length, index + FIRST))
    },
  }
}
