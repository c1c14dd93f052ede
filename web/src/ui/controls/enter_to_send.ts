/**
 * Enter sends, except while an input method composes (ux.md §4). A composition lives from compositionstart to
 * compositionend; Safari then delivers the confirming Enter afterwards with keyCode 229, in the same turn. So 229
 * counts as composing only during a composition and that one turn: elsewhere some keyboards send it for every key.
 */
const IME_KEY_CODE = 229

export type EnterMode = 'enter' | 'mod+enter' | 'off'

export function useEnterToSend(send: () => void, mode: () => EnterMode = () => 'enter') {
  let composing = false
  let justEnded = false

  function onCompositionstart(): void {
    composing = true
  }

  function onCompositionend(): void {
    composing = false
    justEnded = true
    setTimeout(() => (justEnded = false))
  }

  function isComposing(event: KeyboardEvent): boolean {
    return composing || event.isComposing || (justEnded && event.keyCode === IME_KEY_CODE)
  }

  function onKeydown(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.defaultPrevented || isComposing(event) || !isSend(event)) return
    event.preventDefault()
    send()
  }

  function isSend(event: KeyboardEvent): boolean {
    const withMod = event.ctrlKey || event.metaKey
    if (mode() === 'enter') return withMod || (!event.shiftKey && !event.altKey)
    return mode() === 'mod+enter' && withMod
  }

  return { onKeydown, onCompositionstart, onCompositionend }
}
