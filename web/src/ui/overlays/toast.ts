/** Short notices that pass by. What must be acted on belongs on the page. */
import { shallowReactive } from 'vue'
import { t } from '../messages'

export interface ToastMessage {
  text: string
  tone?: 'neutral' | 'ok' | 'danger'
  action?: { label: string; run: () => void }
  /** Milliseconds; 0 stays until closed. */
  duration?: number
}

export interface ShownToast extends ToastMessage {
  key: number
}

const MOST_AT_ONCE = 3
let lastKey = 0
export const toasts = shallowReactive<ShownToast[]>([])

export function toast(message: ToastMessage | string): void {
  toasts.push({ key: (lastKey += 1), ...(typeof message === 'string' ? { text: message } : message) })
  if (toasts.length > MOST_AT_ONCE) toasts.shift()
}

/** “Done. Undo”: for everything that can be taken back, instead of asking first. */
export function toastUndo(text: string, undo: () => void): void {
  toast({ text, action: { label: t('common.undo'), run: undo }, duration: 8000 })
}

export function dismiss(key: number): void {
  const index = toasts.findIndex((each) => each.key === key)
  if (index >= 0) toasts.splice(index, 1)
}
