/**
 * “Done with this customer for now.” The server keeps no way back, so that the word is given to it only when the time
 * to undo is over; until then it is hidden here. A page that dies in between leaves the customer waiting, never forgotten.
 */
import { shallowRef } from 'vue'

type Commit = () => Promise<void>

const UNDO_MS = 8000
const held = new Map<string, { timer: ReturnType<typeof setTimeout>; commit: Commit }>()
const idsRef = shallowRef<ReadonlySet<string>>(new Set())

export const doneSoon = idsRef

export function holdDone(id: string, commit: Commit): void {
  release(id)
  held.set(id, { commit, timer: setTimeout(() => void settle(id), UNDO_MS) })
  idsRef.value = new Set(held.keys())
}

export function undoDone(id: string): void {
  release(id)
}

function release(id: string): void {
  clearTimeout(held.get(id)?.timer)
  held.delete(id)
  idsRef.value = new Set(held.keys())
}

async function settle(id: string): Promise<void> {
  const entry = held.get(id)
  if (entry === undefined) return
  clearTimeout(entry.timer)
  try {
    await entry.commit()
  } finally {
    release(id)
  }
}

// Going away is no undo.
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'hidden') for (const id of held.keys()) void settle(id)
})
