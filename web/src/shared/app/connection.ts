/** Whether this device has a network at all, and whether it has kept Rapport waiting long enough to say so. */
import { onScopeDispose, readonly, ref } from 'vue'

export function useOnline() {
  const online = ref(navigator.onLine)
  const update = () => (online.value = navigator.onLine)
  addEventListener('online', update)
  addEventListener('offline', update)
  onScopeDispose(() => {
    removeEventListener('online', update)
    removeEventListener('offline', update)
  })
  return readonly(online)
}
