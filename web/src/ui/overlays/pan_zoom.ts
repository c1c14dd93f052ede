/** Zooming and moving one picture by wheel, double click, pinch and drag. Buttons and keys use the same functions. */
import { computed, reactive } from 'vue'

const MOST = 6
const STEP = 1.5

interface Point {
  x: number
  y: number
}

export function usePanZoom() {
  const view = reactive({ scale: 1, x: 0, y: 0 })
  const fingers = new Map<number, Point>()
  let spread = 0

  function reset(): void {
    Object.assign(view, { scale: 1, x: 0, y: 0 })
  }

  function zoomTo(scale: number): void {
    const next = Math.min(MOST, Math.max(1, scale))
    if (next === 1) return reset()
    view.x *= next / view.scale
    view.y *= next / view.scale
    view.scale = next
  }

  const distance = () => {
    const [first, second] = [...fingers.values()]
    return first && second ? Math.hypot(first.x - second.x, first.y - second.y) : 0
  }

  const handlers = {
    onWheel(event: WheelEvent): void {
      event.preventDefault()
      zoomTo(view.scale * (event.deltaY < 0 ? 1.15 : 1 / 1.15))
    },
    onDblclick: () => (view.scale > 1 ? reset() : zoomTo(2.5)),
    onPointerdown(event: PointerEvent): void {
      ;(event.currentTarget as Element).setPointerCapture(event.pointerId)
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY })
      spread = distance()
    },
    onPointermove(event: PointerEvent): void {
      const last = fingers.get(event.pointerId)
      if (!last) return
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY })
      if (fingers.size === 2) {
        const now = distance()
        if (spread > 0) zoomTo((view.scale * now) / spread)
        spread = now
      } else if (view.scale > 1) {
        view.x += event.clientX - last.x
        view.y += event.clientY - last.y
      }
    },
    onPointerup: (event: PointerEvent) => void fingers.delete(event.pointerId),
    onPointercancel: (event: PointerEvent) => void fingers.delete(event.pointerId),
  }

  return {
    view,
    handlers,
    reset,
    zoomIn: () => zoomTo(view.scale * STEP),
    zoomOut: () => zoomTo(view.scale / STEP),
    style: computed(() => ({ transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})` })),
  }
}
