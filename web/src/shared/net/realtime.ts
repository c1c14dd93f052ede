/**
 * The live link: one WebSocket per app that comes back by itself. It promises nothing about what
 * arrives; whoever listens applies entries by their seq and fetches what is missing (architecture.md §5).
 */
import type { AckFrame, ByeFrame, ClientFrame, DoneFrame, ServerFrame } from '../../contract/frames'
import { createBackoff, LONGEST_WAIT_MS } from './backoff'
import { parseFrame } from './frames'
import { createLinkWatch } from './link_state'
import type { LinkState } from './link_state'
import { isRecord, Offline, parseProblem } from './problems'
import { createRequests } from './requests'

type Asking = Extract<ClientFrame, { ref: string }>
/** A frame that is answered, before its ref is known. */
export type Question = Asking extends infer F ? (F extends { ref: string } ? Omit<F, 'ref'> : never) : never
/** A frame that nobody answers. */
export type Remark = Extract<ClientFrame, { type: 'typing' | 'watch' }>

export interface RealtimeOptions {
  url: string
  /** The sync cursor to say hello with. */
  cursor: () => string | null
  /** The last seqs of the conversations on screen, for the heartbeat. */
  watchedSeqs: () => Readonly<Record<string, number>>
  onFrame: (frame: ServerFrame) => void
  onState: (state: LinkState) => void
  /** This session was ended elsewhere: wipe and show the sign-in. */
  onRevoked: () => void
  /** Pulls the news over HTTP while the socket cannot be had. */
  poll: () => Promise<void>
  random?: () => number
}

export interface Realtime {
  readonly state: LinkState
  start(): void
  stop(): void
  /** Resolves with the answer; rejects with `ApiProblem` (refused) or `Offline` (unknown whether it happened). */
  ask(question: Question): Promise<AckFrame | DoneFrame>
  /** Best effort: nothing is said when there is no connection. */
  tell(remark: Remark): void
  /** Tries at once instead of at the end of the back-off; asks a doubtful socket whether it lives. */
  hurry(): void
}

const ANSWER_MS = 10_000
const WELCOME_MS = 10_000
const PROOF_OF_LIFE_MS = 5_000
const DEFAULT_HEARTBEAT_S = 25
const CLOSE_REVOKED = 4401

export function createRealtime(options: RealtimeOptions): Realtime {
  const backoff = createBackoff(options.random)
  const requests = createRequests<AckFrame | DoneFrame>(ANSWER_MS)
  const link = createLinkWatch({ poll: options.poll, onState: options.onState })
  let socket: WebSocket | null = null
  let welcomed = false
  let running = false
  let heartbeatMs = DEFAULT_HEARTBEAT_S * 1000
  /** Milliseconds the server asked for in its `bye`. */
  let askedDelay: number | null = null
  let retry: ReturnType<typeof setTimeout> | undefined
  let beat: ReturnType<typeof setTimeout> | undefined
  let deadline: ReturnType<typeof setTimeout> | undefined

  const transmit = (frame: ClientFrame) => socket?.send(JSON.stringify(frame))
  const expectLife = (within: number) => {
    clearTimeout(deadline)
    deadline = setTimeout(() => drop(), within)
  }
  const ping = () => transmit({ type: 'ping', seqs: { ...options.watchedSeqs() } })
  const scheduleBeat = () => {
    clearTimeout(beat)
    beat = setTimeout(() => {
      ping()
      expectLife(ANSWER_MS)
      scheduleBeat()
    }, heartbeatMs)
  }

  const connect = () => {
    clearTimeout(retry)
    const opened = new WebSocket(options.url)
    socket = opened
    link.down()
    expectLife(WELCOME_MS)
    opened.onopen = () => transmit({ type: 'hello', cursor: options.cursor() })
    opened.onmessage = (event: MessageEvent<unknown>) => {
      if (opened === socket) receive(event.data)
    }
    opened.onclose = (event) => {
      if (opened !== socket) return
      if (event.code === CLOSE_REVOKED) revoked()
      else drop()
    }
  }

  /** Gives up the present socket and comes back later. */
  const drop = () => {
    release('connection lost')
    if (!running) return
    link.down()
    const delay = askedDelay === null ? backoff.next() : askedDelay * (1 + (options.random ?? Math.random)())
    askedDelay = null
    clearTimeout(retry)
    retry = setTimeout(connect, delay)
  }

  const release = (reason: string) => {
    const old = socket
    socket = null
    welcomed = false
    clearTimeout(beat)
    clearTimeout(deadline)
    old?.close()
    requests.rejectAll(reason)
  }

  const stop = () => {
    running = false
    clearTimeout(retry)
    link.stop()
    release('stopped')
    window.removeEventListener('online', hurry)
    window.removeEventListener('offline', unplugged)
    document.removeEventListener('visibilitychange', hurryWhenVisible)
  }

  const revoked = () => {
    stop()
    options.onRevoked()
  }

  const receive = (data: unknown) => {
    const frame = parseFrame(data)
    if (frame === null) return
    // Any frame proves life; the next deadline is set by the next heartbeat.
    if (welcomed) clearTimeout(deadline)
    switch (frame.type) {
      case 'welcome':
        clearTimeout(deadline)
        welcomed = true
        heartbeatMs = frame.heartbeat_s * 1000
        backoff.reset()
        scheduleBeat()
        options.onFrame(frame)
        link.up()
        return
      case 'ack':
      case 'done':
        requests.resolve(frame.ref, frame)
        return
      case 'refused':
        if (frame.ref !== null) requests.reject(frame.ref, parseProblem(statusOf(frame.problem), frame.problem))
        return
      case 'bye':
        leave(frame)
        return
      default:
        options.onFrame(frame)
    }
  }

  const leave = (frame: ByeFrame) => {
    if (frame.reason === 'revoked') {
      revoked()
      return
    }
    // What we said was not understood: coming straight back would only repeat it.
    askedDelay = frame.reason === 'garbage' ? Math.max(frame.retry_after_ms, LONGEST_WAIT_MS) : frame.retry_after_ms
    drop()
  }

  const hurry = () => {
    if (!running) return
    if (socket === null) connect()
    else if (welcomed) {
      ping()
      expectLife(PROOF_OF_LIFE_MS)
    }
  }
  const hurryWhenVisible = () => {
    if (document.visibilityState === 'visible') hurry()
  }
  const unplugged = () => {
    drop()
    link.unplugged()
  }

  return {
    get state() {
      return link.state
    },
    start() {
      if (running) return
      running = true
      window.addEventListener('online', hurry)
      window.addEventListener('offline', unplugged)
      document.addEventListener('visibilitychange', hurryWhenVisible)
      connect()
    },
    stop,
    ask(question) {
      if (!welcomed) return Promise.reject(new Offline('not connected'))
      return requests.open((ref) => transmit({ ...question, ref }))
    },
    tell(remark) {
      if (welcomed) transmit(remark)
    },
    hurry,
  }
}

/** The socket's address of a surface, on the page's own host unless told otherwise. */
export function realtimeUrl(surface: 'staff' | 'consumer', origin: string = window.location.origin): string {
  return `${origin.replace(/^http/, 'ws')}/realtime/${surface}`
}

function statusOf(problem: unknown): number {
  return isRecord(problem) && typeof problem.status === 'number' ? problem.status : 422
}
