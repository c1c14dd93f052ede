/** Which key sends, as this person chose on this device. Fingers on glass get a new line and the button. */
import { computed, ref } from 'vue'
import type { EnterMode } from '@/ui'

const KEY = 'rapport.send_key'
const coarse = matchMedia('(pointer: coarse)')
const isCoarse = ref(coarse.matches)
coarse.addEventListener('change', () => (isCoarse.value = coarse.matches))

export type SendKey = Extract<EnterMode, 'enter' | 'mod+enter'>
const chosen = ref<SendKey>(localStorage.getItem(KEY) === 'mod+enter' ? 'mod+enter' : 'enter')

export const sendKey = computed(() => chosen.value)
export const enterMode = computed<EnterMode>(() => (isCoarse.value ? 'mod+enter' : chosen.value))

export function setSendKey(value: SendKey): void {
  chosen.value = value
  localStorage.setItem(KEY, value)
}
