import { onScopeDispose, readonly, ref } from 'vue'
import { nowMicros } from './time'

const now = ref(nowMicros())
let watchers = 0
let timer: ReturnType<typeof setInterval> | undefined

/** Now, in microseconds, moving every 15 s while something on screen shows an age: one timer for all of them. */
export function useNow() {
  watchers += 1
  now.value = nowMicros()
  timer ??= setInterval(() => (now.value = nowMicros()), 15_000)
  onScopeDispose(() => {
    watchers -= 1
    if (watchers === 0) {
      clearInterval(timer)
      timer = undefined
    }
  })
  return readonly(now)
}
