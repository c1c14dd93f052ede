/**
 * The secret by which a stranger's repeated accept is recognised as the same one: after a lost answer, and from a
 * second tab. It lives until the answer is here; all tabs of a browser use the same.
 */
import { newRef } from '@/shared/net/ids'

const PREFIX = 'rapport.accept.'

export function acceptKey(code: string): string {
  const known = localStorage.getItem(PREFIX + code)
  if (known !== null) return known
  const made = newRef() + newRef()
  localStorage.setItem(PREFIX + code, made)
  return made
}

export function forgetAcceptKey(code: string): void {
  localStorage.removeItem(PREFIX + code)
}

/** Told when another tab has accepted the same code. */
export function onAcceptedElsewhere(code: string, told: () => void): () => void {
  const hear = (event: StorageEvent) => {
    if (event.key === PREFIX + code && event.newValue === null) told()
  }
  addEventListener('storage', hear)
  return () => removeEventListener('storage', hear)
}
