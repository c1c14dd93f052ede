/** The microphone button: a tap starts, a hold records as long as the finger stays; sliding up throws away. */
import { onScopeDispose, ref } from 'vue'
import type { Ref } from 'vue'
import type { Recorder } from './recorder'

const HOLD_MS = 400
const LEAVE_PX = 70

export interface HoldToTalk {
  readonly held: Readonly<Ref<boolean>>
  readonly leaving: Readonly<Ref<boolean>>
  onPointerdown(event: PointerEvent): void
  onClick(event: MouseEvent): void
}

export function useHoldToTalk(recorder: Recorder): HoldToTalk {
  const held = ref(false)
  const leaving = ref(false)
  let from: { at: number; y: number } | null = null

  const move = (event: PointerEvent) => {
    if (from !== null) leaving.value = from.y - event.clientY > LEAVE_PX
  }
  const let_go = (event: PointerEvent) => {
    const start = from
    release()
    if (start === null) return
    if (leaving.value || event.type === 'pointercancel') recorder.cancel()
    else if (performance.now() - start.at >= HOLD_MS) recorder.finish()
    leaving.value = false
  }
  const release = () => {
    from = null
    held.value = false
    removeEventListener('pointermove', move)
    removeEventListener('pointerup', let_go)
    removeEventListener('pointercancel', let_go)
  }
  onScopeDispose(release)

  return {
    held,
    leaving,
    // Only fingers hold: a mouse clicks, and the bar has its buttons.
    onPointerdown(event) {
      if (event.pointerType !== 'touch') return
      from = { at: performance.now(), y: event.clientY }
      held.value = true
      leaving.value = false
      addEventListener('pointermove', move)
      addEventListener('pointerup', let_go)
      addEventListener('pointercancel', let_go)
      void recorder.start()
    },
    onClick() {
      if (recorder.state.value === 'idle') void recorder.start()
    },
  }
}
