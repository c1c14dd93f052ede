/** Keeps what one reads in its place while rows come and go above and below it, and the end in view for those who are there. */
import { nextTick, onMounted, onScopeDispose, ref, watch } from 'vue'
import type { Ref } from 'vue'

/** So near to the end counts as there. */
const NEAR_END_PX = 48

export interface ScrollKeeping {
  readonly atEnd: Ref<boolean>
  toEnd(): void
  /** Call on every scroll. */
  look(): void
}

export function useScrollKeeping(scroller: Readonly<Ref<HTMLElement | null>>, changes: () => unknown): ScrollKeeping {
  const atEnd = ref(true)
  let anchor: { key: string; top: number } | null = null
  let height = 0

  const distance = (element: HTMLElement) => element.scrollHeight - element.scrollTop - element.clientHeight
  const look = () => {
    if (scroller.value) atEnd.value = distance(scroller.value) <= NEAR_END_PX
  }
  const toEnd = () => {
    const element = scroller.value
    if (element) element.scrollTop = element.scrollHeight
    atEnd.value = true
  }

  const remember = () => {
    const element = scroller.value
    anchor = null
    if (!element || atEnd.value) return
    const top = element.getBoundingClientRect().top
    for (const row of element.querySelectorAll<HTMLElement>('[data-key]')) {
      const box = row.getBoundingClientRect()
      if (box.bottom > top + 1) {
        anchor = { key: row.dataset.key ?? '', top: box.top }
        return
      }
    }
  }

  const restore = () => {
    const element = scroller.value
    if (!element) return
    if (atEnd.value) return toEnd()
    if (anchor === null) return
    const row = element.querySelector<HTMLElement>(`[data-key="${CSS.escape(anchor.key)}"]`)
    if (row) element.scrollTop += row.getBoundingClientRect().top - anchor.top
  }

  watch(changes, remember, { flush: 'pre' })
  watch(changes, restore, { flush: 'post' })

  // A keyboard that opens, a composer that grows, a picture of unknown size: the end stays the end.
  const sizes = new ResizeObserver(() => {
    const element = scroller.value
    if (!element) return
    if (atEnd.value) toEnd()
    else if (height > 0 && element.clientHeight !== height) element.scrollTop += height - element.clientHeight
    height = element.clientHeight
  })
  onMounted(() =>
    nextTick(() => {
      if (!scroller.value) return
      sizes.observe(scroller.value)
      if (scroller.value.firstElementChild) sizes.observe(scroller.value.firstElementChild)
    }),
  )
  onScopeDispose(() => sizes.disconnect())

  return { atEnd, toEnd, look }
}
