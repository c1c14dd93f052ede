/** Exponential back-off with full jitter, so that thousands of clients do not return in the same second. */

export interface Backoff {
  /** Milliseconds to wait before the next try; each call counts as one failure. */
  next(): number
  /** Back to the beginning, after a success. */
  reset(): void
}

export const SHORTEST_WAIT_MS = 500
export const LONGEST_WAIT_MS = 30_000

/** Waits between 0.5 s and a bound that doubles with every failure, up to 30 s. */
export function createBackoff(
  random: () => number = Math.random,
  shortest: number = SHORTEST_WAIT_MS,
  longest: number = LONGEST_WAIT_MS,
): Backoff {
  let failures = 0
  return {
    next() {
      failures += 1
      const bound = Math.min(longest, shortest * 2 ** Math.min(failures, 16))
      return shortest + random() * (bound - shortest)
    },
    reset() {
      failures = 0
    },
  }
}

/** Resolves after the time, or rejects with the signal's reason as soon as it is aborted. */
export function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(abortReason(signal))
      return
    }
    const stop = () => {
      clearTimeout(timer)
      if (signal !== undefined) reject(abortReason(signal))
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop)
      resolve()
    }, milliseconds)
    signal?.addEventListener('abort', stop, { once: true })
  })
}

function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new DOMException('Aborted', 'AbortError')
}
