/** A row drawn to the side by a finger shows what can be done with it. Everything it shows is in the row's menu too. */
import { onScopeDispose, ref } from 'vue'
import type { Ref } from 'vue'

const DECIDE_PX = 10

export interface Swipe {
  readonly offset: Readonly<Ref<number>>
  readonly isOpen: Readonly<Ref<boolean>>
  readonly isMoving: Readonly<Ref<boolean>>
  onPointerdown(event: PointerEvent): void
  close(): void
}

/** One open row at a time. */
let openSwipe: (() => void) | null = null

export function useSwipe(widthPx: () => number): Swipe {
  const offset = ref(0)
  const isOpen = ref(false)
  const isMoving = ref(false)
  let start: { x: number; y: number; offset: number; id: number } | null = null

  const close = () => {
    offset.value = 0
    isOpen.value = false
    if (openSwipe === close) openSwipe = null
  }

  const move = (event: PointerEvent) => {
    if (start?.id !== event.pointerId) return
    const x = event.clientX - start.x
    const y = event.clientY - start.y
    if (!isMoving.value) {
      if (Math.abs(y) > DECIDE_PX && Math.abs(y) > Math.abs(x)) return end()
      if (Math.abs(x) < DECIDE_PX) return
      isMoving.value = true
      if (openSwipe !== close) openSwipe?.()
    }
    offset.value = Math.max(-widthPx(), Math.min(0, start.offset + x))
  }

  const finish = () => {
    if (isMoving.value) {
      const opens = offset.value < -widthPx() / 2
      offset.value = opens ? -widthPx() : 0
      isOpen.value = opens
      openSwipe = opens ? close : null
      // The tap that ends a swipe opens nothing.
      addEventListener('click', swallow, { capture: true, once: true })
      setTimeout(() => removeEventListener('click', swallow, { capture: true }), 50)
    }
    end()
  }

  const swallow = (event: Event) => {
    event.preventDefault()
    event.stopPropagation()
  }

  const end = () => {
    start = null
    isMoving.value = false
    removeEventListener('pointermove', move)
    removeEventListener('pointerup', finish)
    removeEventListener('pointercancel', finish)
  }

  onScopeDispose(() => {
    end()
    if (openSwipe === close) openSwipe = null
  })

  return {
    offset,
    isOpen,
    isMoving,
    close,
    onPointerdown(event) {
      if (event.pointerType !== 'touch' || (event.target as Element).closest('[data-swipe-actions]')) return
      start = { x: event.clientX, y: event.clientY, offset: offset.value, id: event.pointerId }
      addEventListener('pointermove', move)
      addEventListener('pointerup', finish)
      addEventListener('pointercancel', finish)
    },
  }
}
