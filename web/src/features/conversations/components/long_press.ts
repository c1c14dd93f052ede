/** A finger that stayed opened a menu: lifting it is no tap, neither on what lies beneath nor beside the menu. */
const LONG_MS = 600

/** Call on every pointerdown where a long press means something. */
export function guardLongPress(event: Event): void {
  if (!(event instanceof PointerEvent) || event.type !== 'pointerdown' || event.pointerType !== 'touch') return
  const since = performance.now()
  const lift = (touch: TouchEvent) => {
    removeEventListener('touchend', lift, true)
    removeEventListener('touchcancel', lift, true)
    // Without its default there is neither a click nor a change of focus, which would close the menu.
    if (performance.now() - since >= LONG_MS && touch.cancelable) touch.preventDefault()
  }
  addEventListener('touchend', lift, { capture: true, passive: false })
  addEventListener('touchcancel', lift, { capture: true, passive: false })
}
