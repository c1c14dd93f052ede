/** Ten thousand rows of one height, of which only those in view are in the document. */
import { computed, onMounted, onScopeDispose, ref } from 'vue'
import type { ComputedRef, Ref } from 'vue'

const BEYOND = 6

export interface VirtualRows {
  readonly from: ComputedRef<number>
  readonly to: ComputedRef<number>
  readonly height: ComputedRef<number>
  readonly rowPx: Readonly<Ref<number>>
  /** Scrolls as little as possible. */
  reveal(index: number): void
}

/** Heights are in rem, so that rows grow with the text size. */
export function useVirtualRows(scroller: Readonly<Ref<HTMLElement | null>>, count: () => number, rowRem: number): VirtualRows {
  const top = ref(0)
  const view = ref(800)
  const rowPx = ref(rowRem * 16)

  const measure = () => {
    rowPx.value = rowRem * Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
    if (scroller.value) view.value = scroller.value.clientHeight
  }
  const look = () => {
    top.value = scroller.value?.scrollTop ?? 0
  }
  const sizes = new ResizeObserver(measure)
  onMounted(() => {
    measure()
    if (!scroller.value) return
    sizes.observe(scroller.value)
    sizes.observe(document.documentElement)
    scroller.value.addEventListener('scroll', look, { passive: true })
  })
  onScopeDispose(() => sizes.disconnect())

  return {
    rowPx,
    from: computed(() => Math.max(0, Math.min(count(), Math.floor(top.value / rowPx.value)) - BEYOND)),
    to: computed(() => Math.min(count(), Math.ceil((top.value + view.value) / rowPx.value) + BEYOND)),
    height: computed(() => count() * rowPx.value),
    reveal(index) {
      const element = scroller.value
      if (!element) return
      const start = index * rowPx.value
      if (start < element.scrollTop) element.scrollTop = start
      else if (start + rowPx.value > element.scrollTop + element.clientHeight) element.scrollTop = start + rowPx.value - element.clientHeight
      look()
    },
  }
}
