/**
 * One tab of a browser sends the queue. Web Locks choose it where the browser has them (HTTPS); over
 * plain HTTP a lease in the database does, which a tab that died loses after a few seconds.
 */
import { newRef } from '../../../shared/net/ids'
import type { Database } from './database'

export interface Leadership {
  /** True while this tab may send; asked again before every message. */
  readonly held: boolean
  stop(): void
}

export interface LeadershipOptions {
  name: string
  /** Without a database every tab has a queue of its own and leads itself. */
  database: Database | null
  onGained: () => void
  now?: () => number
}

export const LEASE_MS = 10_000
const RENEW_MS = 3_000

export function seekLeadership(options: LeadershipOptions): Leadership {
  if (options.database === null) return leadAlone(options.onGained)
  // Absent over plain HTTP, whatever the types say.
  const { locks } = navigator as { locks?: LockManager | null }
  return locks === undefined || locks === null ? leaseFrom(options.database, options) : lockWith(locks, options)
}

function leadAlone(onGained: () => void): Leadership {
  queueMicrotask(onGained)
  return { held: true, stop: () => undefined }
}

function lockWith(locks: LockManager, options: LeadershipOptions): Leadership {
  const waiting = new AbortController()
  let held = false
  let release: () => void = () => undefined
  const hold = () =>
    new Promise<void>((resolve) => {
      held = true
      release = resolve
      options.onGained()
    })
  locks.request(options.name, { signal: waiting.signal }, hold).catch((error: unknown) => {
    if (!waiting.signal.aborted) throw error
  })
  return {
    get held() {
      return held
    },
    stop() {
      held = false
      waiting.abort()
      release()
    },
  }
}

function leaseFrom(database: Database, options: LeadershipOptions): Leadership {
  const now = options.now ?? Date.now
  const holder = newRef()
  let until = 0
  let stopped = false

  const renew = async () => {
    const before = until
    const tx = database.transaction('leases', 'readwrite')
    const lease = await tx.store.get(options.name)
    const asked = now()
    const isFree = lease === undefined || lease.holder === holder || lease.until <= asked
    if (isFree && !stopped) {
      await tx.store.put({ name: options.name, holder, until: asked + LEASE_MS })
      until = asked + LEASE_MS
    } else until = 0
    await tx.done
    if (until > 0 && before <= asked) options.onGained()
  }
  // The first try happens on the next turn, so that the caller holds this object when it is told.
  let timer = setTimeout(function again() {
    const next = () => {
      if (!stopped) timer = setTimeout(again, RENEW_MS)
    }
    // Without an answer from the database there is no lease: another tab may have it.
    renew().then(next, () => {
      until = 0
      next()
    })
  }, 0)

  return {
    get held() {
      // A tab that slept through its lease notices before it sends.
      return !stopped && now() < until
    },
    stop() {
      if (stopped) return
      stopped = true
      clearTimeout(timer)
      if (until > now()) void giveBack(database, options.name, holder)
    },
  }
}

async function giveBack(database: Database, name: string, holder: string): Promise<void> {
  const tx = database.transaction('leases', 'readwrite')
  const lease = await tx.store.get(name)
  if (lease?.holder === holder) await tx.store.delete(name)
  await tx.done
}
