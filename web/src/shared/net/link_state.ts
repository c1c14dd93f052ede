/**
 * What a person is told about the connection. A socket that is back within 3 s is never mentioned
 * (ux.md §3.4); after that it is either `degraded` (HTTP still works, news come by polling) or `offline`.
 */
import { ApiProblem, Offline } from './problems'

export type LinkState = 'connecting' | 'online' | 'degraded' | 'offline'

export interface LinkWatch {
  readonly state: LinkState
  /** The socket has been welcomed. */
  up(): void
  /** The socket is gone, or not there yet. */
  down(): void
  /** The device itself says that it has no network. */
  unplugged(): void
  stop(): void
}

export interface LinkWatchOptions {
  /** Pulls the news over HTTP; runs only while there is no socket. */
  poll: () => Promise<void>
  onState: (state: LinkState) => void
  graceMs?: number
  pollMs?: number
}

export const GRACE_MS = 3_000
export const POLL_MS = 5_000

export function createLinkWatch(options: LinkWatchOptions): LinkWatch {
  let state: LinkState = 'connecting'
  let timer: ReturnType<typeof setTimeout> | undefined
  let polling = false
  /** Grows with every change of the socket, so that a late poll does not overrule it. */
  let spell = 0

  const show = (next: LinkState) => {
    if (next === state) return
    state = next
    options.onState(next)
  }

  const pollSoon = (delay: number, of: number) => {
    clearTimeout(timer)
    timer = setTimeout(() => void pollOnce(of), delay)
  }

  const pollOnce = async (of: number) => {
    let result: LinkState = 'degraded'
    try {
      await options.poll()
    } catch (error) {
      if (!(error instanceof Offline || error instanceof ApiProblem)) throw error
      if (error instanceof Offline || error.status >= 500) result = 'offline'
    }
    if (of !== spell) return
    show(result)
    pollSoon(options.pollMs ?? POLL_MS, of)
  }

  return {
    get state() {
      return state
    },
    up() {
      spell += 1
      polling = false
      clearTimeout(timer)
      show('online')
    },
    down() {
      if (polling) return
      polling = true
      spell += 1
      show('connecting')
      pollSoon(options.graceMs ?? GRACE_MS, spell)
    },
    unplugged() {
      spell += 1
      polling = true
      show('offline')
      pollSoon(options.pollMs ?? POLL_MS, spell)
    },
    stop() {
      spell += 1
      polling = false
      clearTimeout(timer)
    },
  }
}
