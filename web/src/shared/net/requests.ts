/** Pairs what was asked over the socket with its answer by `ref`, and gives up after a while. */
import { newRef } from './ids'
import { Offline } from './problems'

interface Waiting<T> {
  resolve: (answer: T) => void
  reject: (reason: Error) => void
  timer: ReturnType<typeof setTimeout>
}

export interface Requests<T> {
  /** Calls `send` with a fresh ref; resolves with the answer of that ref. */
  open(send: (ref: string) => void): Promise<T>
  /** False when nobody waits for that ref any more. */
  resolve(ref: string, answer: T): boolean
  reject(ref: string, reason: Error): boolean
  /** The connection is gone: nobody knows what became of what was asked. */
  rejectAll(reason: string): void
}

export function createRequests<T>(timeoutMs: number): Requests<T> {
  const waiting = new Map<string, Waiting<T>>()

  const take = (ref: string): Waiting<T> | undefined => {
    const found = waiting.get(ref)
    if (found !== undefined) {
      waiting.delete(ref)
      clearTimeout(found.timer)
    }
    return found
  }

  return {
    open(send) {
      const ref = newRef()
      return new Promise<T>((resolve, reject) => {
        const timer = setTimeout(() => take(ref)?.reject(new Offline('no answer in time')), timeoutMs)
        waiting.set(ref, { resolve, reject, timer })
        send(ref)
      })
    },
    resolve(ref, answer) {
      const found = take(ref)
      found?.resolve(answer)
      return found !== undefined
    },
    reject(ref, reason) {
      const found = take(ref)
      found?.reject(reason)
      return found !== undefined
    },
    rejectAll(reason) {
      for (const ref of [...waiting.keys()]) take(ref)?.reject(new Offline(reason))
    },
  }
}
