/** The three shapes of ux.md §3.1: one pane, list and thread, everything. */
import { readonly, ref } from 'vue'

export type Viewport = 'phone' | 'tablet' | 'desktop'

const list = typeof matchMedia === 'function' ? matchMedia('(min-width: 40rem)') : null
const wide = typeof matchMedia === 'function' ? matchMedia('(min-width: 64rem)') : null
const measure = (): Viewport => (wide?.matches ? 'desktop' : list?.matches ? 'tablet' : 'phone')

const current = ref<Viewport>(measure())
for (const media of [list, wide]) media?.addEventListener('change', () => (current.value = measure()))

export function useViewport() {
  return readonly(current)
}
