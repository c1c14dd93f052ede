/** Up and Down through the messages, Home and End, Enter for what can be done with one; Tab passes the list in one step. */
import { computed, nextTick, onScopeDispose, ref, watch } from 'vue'
import type { ComputedRef, Ref } from 'vue'
import type { ThreadItem } from './thread_items'
import type { ThreadWindow } from './thread_window'

export interface MessageFocus {
  readonly activeKey: ComputedRef<string | null>
  onKeydown(event: KeyboardEvent): void
  onFocusin(event: FocusEvent): void
  focusLast(): void
}

export interface MessageFocusOptions {
  scroller: Readonly<Ref<HTMLElement | null>>
  items: () => readonly ThreadItem[]
  window: ThreadWindow<ThreadItem>
  openMenu: (key: string, at: HTMLElement) => void
}

export function useMessageFocus({ scroller, items, window, openMenu }: MessageFocusOptions): MessageFocus {
  const chosen = ref<string | null>(null)
  const keys = computed(() => items().filter((item) => item.kind === 'message').map((item) => item.key))
  const activeKey = computed(() => {
    const shown = window.shown.value.filter((item) => item.kind === 'message')
    if (chosen.value !== null && shown.some((item) => item.key === chosen.value)) return chosen.value
    return shown.at(-1)?.key ?? null
  })

  const elementOf = (key: string) => scroller.value?.querySelector<HTMLElement>(`article[data-key="${CSS.escape(key)}"]`) ?? null

  const focus = async (key: string | undefined) => {
    if (key === undefined) return
    if (elementOf(key) === null) window.showAround(key)
    chosen.value = key
    await nextTick()
    elementOf(key)?.focus({ preventScroll: true })
    elementOf(key)?.scrollIntoView({ block: 'nearest' })
  }

  // A message that is recalled or deleted under the focus, or under its menu, hands it on instead of losing it to the page.
  let isInside = false
  const follow = (event: FocusEvent) => {
    const target = event.target as HTMLElement
    isInside = (scroller.value?.contains(target) ?? false) || (isInside && target.closest('[role="menu"]') !== null)
  }
  const recover = () => setTimeout(() => {
    const isGone = chosen.value !== null && !keys.value.includes(chosen.value)
    if (isInside && isGone && document.activeElement === document.body) void focus(activeKey.value ?? undefined)
  })
  document.addEventListener('focusin', follow)
  document.addEventListener('focusout', recover)
  watch(window.shown, recover, { flush: 'post' })
  onScopeDispose(() => {
    document.removeEventListener('focusin', follow)
    document.removeEventListener('focusout', recover)
  })

  return {
    activeKey,
    onKeydown(event) {
      const article = (event.target as HTMLElement).closest('article')
      if (article === null || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return
      const at = keys.value.indexOf(activeKey.value ?? '')
      const isOnRow = event.target === article
      const moves: Record<string, () => void> = {
        ArrowUp: () => void focus(keys.value[Math.max(0, at - 1)]),
        ArrowDown: () => void focus(keys.value[Math.min(keys.value.length - 1, at + 1)]),
        Home: () => void focus(keys.value[0]),
        End: () => void focus(keys.value.at(-1)),
        ...(isOnRow && { Enter: () => openMenu(article.dataset.key ?? '', article) }),
      }
      const move = moves[event.key]
      if (move === undefined) return
      event.preventDefault()
      move()
    },
    onFocusin(event) {
      const key = (event.target as HTMLElement).closest('article')?.dataset.key
      if (key !== undefined) chosen.value = key
    },
    focusLast: () => void focus(keys.value.at(-1)),
  }
}
