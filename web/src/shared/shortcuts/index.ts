/**
 * Keyboard shortcuts. Every one needs Ctrl/⌘ or Alt (or is Escape): a single letter would fire while somebody
 * dictates or types (WCAG 2.1.4), and an input method composes with bare keys.
 */
import { onScopeDispose, shallowReactive } from 'vue'

export interface Shortcut {
  /** `mod+k` (Ctrl, on a Mac ⌘), `alt+arrowup`, `mod+shift+f`, `escape`. */
  keys: string
  /** For the list of shortcuts (Ctrl+/). */
  label?: () => string
  run: (event: KeyboardEvent) => void
  /** Not now: the key goes on to the page. */
  when?: () => boolean
}

const active = shallowReactive<Shortcut[]>([])
export const isMac = /mac|iphone|ipad/i.test(navigator.platform)

export function activeShortcuts(): readonly Shortcut[] {
  return active
}

/** Active as long as the component; the latest one asked for wins. */
export function useShortcut(shortcut: Shortcut): void {
  if (!/^escape$|(mod|alt)\+/.test(shortcut.keys)) throw new Error(`A shortcut needs Ctrl/⌘ or Alt: ${shortcut.keys}`)
  if (active.length === 0) addEventListener('keydown', onKeydown)
  active.push(shortcut)
  onScopeDispose(() => {
    active.splice(active.indexOf(shortcut), 1)
    if (active.length === 0) removeEventListener('keydown', onKeydown)
  })
}

function onKeydown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return
  const keys = keysOf(event)
  for (let index = active.length - 1; index >= 0; index -= 1) {
    const shortcut = active[index]
    if (shortcut?.keys === keys && (shortcut.when?.() ?? true)) {
      event.preventDefault()
      shortcut.run(event)
      return
    }
  }
}

function keysOf(event: KeyboardEvent): string {
  const mod = isMac ? event.metaKey : event.ctrlKey
  const stray = isMac ? event.ctrlKey : event.metaKey
  if (stray) return ''
  const key = event.altKey && event.code.startsWith('Key') ? event.code.slice(3) : event.key
  return [mod && 'mod', event.altKey && 'alt', event.shiftKey && 'shift', key.toLowerCase()].filter(Boolean).join('+')
}

const SYMBOLS: Readonly<Record<string, string>> = {
  arrowup: '↑', arrowdown: '↓', arrowleft: '←', arrowright: '→', escape: 'Esc', enter: 'Enter', shift: 'Shift',
}

/** `mod+k` as people read it: ⌘K or Ctrl K. */
export function describeKeys(keys: string): string {
  const names = keys.split('+').map((key) => {
    if (key === 'mod') return isMac ? '⌘' : 'Ctrl'
    if (key === 'alt') return isMac ? '⌥' : 'Alt'
    return SYMBOLS[key] ?? key.toUpperCase()
  })
  return names.join(isMac ? '' : ' ')
}
