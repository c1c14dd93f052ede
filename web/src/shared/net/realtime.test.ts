import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ClientFrame, ServerFrame } from '../../contract/frames'
import { createBackoff } from './backoff'
import type { LinkState } from './link_state'
import { Offline } from './problems'
import { createRealtime } from './realtime'
import type { Realtime } from './realtime'

class FakeSocket {
  static readonly opened: FakeSocket[] = []
  readonly sent: ClientFrame[] = []
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  closed = false

  constructor(readonly url: string) {
    FakeSocket.opened.push(this)
  }
  send(data: string): void {
    this.sent.push(JSON.parse(data) as ClientFrame)
  }
  close(): void {
    this.closed = true
  }
  say(frame: ServerFrame): void {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
  /** Opens and is welcomed. */
  welcome(resync = false): void {
    this.onopen?.()
    this.say({ type: 'welcome', epoch: 'e', cursor: 'c2', session_id: 's', heartbeat_s: 25, server_time: 0, resync })
  }
  static get last(): FakeSocket {
    const last = FakeSocket.opened.at(-1)
    if (last === undefined) throw new Error('no socket was opened')
    return last
  }
}

let realtime: Realtime
let states: LinkState[]
let frames: ServerFrame[]
let revoked: number
let poll: () => Promise<void>
let random: number

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', FakeSocket)
  FakeSocket.opened.length = 0
  states = []
  frames = []
  revoked = 0
  random = 1
  poll = () => Promise.resolve()
  realtime = createRealtime({
    url: 'ws://rapport.test/realtime/staff',
    cursor: () => 'c1',
    watchedSeqs: () => ({ a: 7 }),
    onFrame: (frame) => frames.push(frame),
    onState: (state) => states.push(state),
    onRevoked: () => (revoked += 1),
    poll: () => poll(),
    random: () => random,
  })
  realtime.start()
})

afterEach(() => {
  realtime.stop()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const text = { kind: 'text', text: 'hello' } as const
const send = () => realtime.ask({ type: 'send', conversation_id: 'a', client_id: 'client-1', body: text })
const refOf = (frame: ClientFrame | undefined) => (frame !== undefined && 'ref' in frame ? frame.ref : '')

describe('the link', () => {
  it('says hello with its cursor and is online when welcomed', () => {
    FakeSocket.last.welcome()
    expect(FakeSocket.last.sent).toEqual([{ type: 'hello', cursor: 'c1' }])
    expect(states).toEqual(['online'])
    expect(frames.map((frame) => frame.type)).toEqual(['welcome'])
  })

  it('sends the seqs on screen with every heartbeat, and leaves a socket that does not answer', () => {
    FakeSocket.last.welcome()
    vi.advanceTimersByTime(25_000)
    expect(FakeSocket.last.sent.at(-1)).toEqual({ type: 'ping', seqs: { a: 7 } })
    FakeSocket.last.say({ type: 'pong', stale: {}, server_time: 0 })
    vi.advanceTimersByTime(25_000)
    expect(FakeSocket.opened).toHaveLength(1)
    vi.advanceTimersByTime(10_000)
    expect(FakeSocket.last.closed).toBe(true)
    vi.advanceTimersByTime(1_000)
    expect(FakeSocket.opened).toHaveLength(2)
  })

  it('says nothing of an outage of less than three seconds', async () => {
    FakeSocket.last.welcome()
    FakeSocket.last.onclose?.({ code: 1006 })
    await vi.advanceTimersByTimeAsync(1_000)
    FakeSocket.last.welcome()
    await vi.advanceTimersByTimeAsync(10_000)
    expect(states).toEqual(['online', 'connecting', 'online'])
  })

  it('polls every five seconds meanwhile: degraded while HTTP works, offline when it does not', async () => {
    const polled = vi.fn(() => Promise.resolve())
    poll = polled
    FakeSocket.last.onclose?.({ code: 1006 })
    await vi.advanceTimersByTimeAsync(2_999)
    expect(polled).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    expect(realtime.state).toBe('degraded')
    await vi.advanceTimersByTimeAsync(10_000)
    expect(polled).toHaveBeenCalledTimes(3)
    poll = () => Promise.reject(new Offline('cut'))
    await vi.advanceTimersByTimeAsync(5_000)
    expect(realtime.state).toBe('offline')
    FakeSocket.last.welcome()
    expect(realtime.state).toBe('online')
  })

  it('comes back at once when the device is online again or the page is looked at', () => {
    FakeSocket.last.welcome()
    window.dispatchEvent(new Event('offline'))
    expect(realtime.state).toBe('offline')
    expect(FakeSocket.opened).toHaveLength(1)
    window.dispatchEvent(new Event('online'))
    expect(FakeSocket.opened).toHaveLength(2)
    FakeSocket.last.onclose?.({ code: 1006 })
    document.dispatchEvent(new Event('visibilitychange'))
    expect(FakeSocket.opened).toHaveLength(3)
  })

  it('asks a socket that slept whether it lives', () => {
    FakeSocket.last.welcome()
    document.dispatchEvent(new Event('visibilitychange'))
    expect(FakeSocket.last.sent.at(-1)?.type).toBe('ping')
    vi.advanceTimersByTime(5_000)
    expect(FakeSocket.last.closed).toBe(true)
  })

  it('survives frames that are none', () => {
    FakeSocket.last.welcome()
    for (const data of ['{', '[]', 'null', '{"type":"newer"}', 7]) FakeSocket.last.onmessage?.({ data })
    expect(frames).toHaveLength(1)
  })
})

describe('goodbye', () => {
  it('revoked: ends for good and tells the app, by frame or by close code', () => {
    FakeSocket.last.welcome()
    FakeSocket.last.say({ type: 'bye', reason: 'revoked', retry_after_ms: 0 })
    vi.advanceTimersByTime(60_000)
    expect([revoked, FakeSocket.opened.length]).toEqual([1, 1])
    realtime.start()
    FakeSocket.last.onclose?.({ code: 4401 })
    vi.advanceTimersByTime(60_000)
    expect([revoked, FakeSocket.opened.length]).toEqual([2, 2])
  })

  it('restart: comes back when it was asked to, spread over as long again', () => {
    FakeSocket.last.welcome()
    random = 0.5
    FakeSocket.last.say({ type: 'bye', reason: 'restart', retry_after_ms: 2_000 })
    vi.advanceTimersByTime(2_999)
    expect(FakeSocket.opened).toHaveLength(1)
    vi.advanceTimersByTime(1)
    expect(FakeSocket.opened).toHaveLength(2)
  })
})

describe('a question', () => {
  it('gets the answer of its ref', async () => {
    FakeSocket.last.welcome()
    const answers = [send(), send()]
    const [first, second] = FakeSocket.last.sent.slice(-2).map(refOf)
    const ack = { type: 'ack', conversation_id: 'a', count: 1, id: 'i', sent_at: 0, duplicate: false } as const
    FakeSocket.last.say({ ...ack, ref: second ?? '', seq: 2 })
    FakeSocket.last.say({ ...ack, ref: first ?? '', seq: 1 })
    expect(await Promise.all(answers)).toMatchObject([{ seq: 1 }, { seq: 2 }])
  })

  it('refused carries the problem', async () => {
    FakeSocket.last.welcome()
    const answer = send()
    const problem = {
      type: 'about:blank',
      title: 'No',
      status: 403,
      code: 'closed',
      detail: 'Closed.',
      errcode: 1,
      fields: [],
      trace: 't',
      retry_after_s: null,
    }
    FakeSocket.last.say({ type: 'refused', ref: refOf(FakeSocket.last.sent.at(-1)), problem })
    await expect(answer).rejects.toMatchObject({ name: 'ApiProblem', status: 403, code: 'closed' })
  })

  it('without an answer is offline: after a while, when the socket breaks, and when there is none', async () => {
    FakeSocket.last.welcome()
    const late = expect(send()).rejects.toBeInstanceOf(Offline)
    await vi.advanceTimersByTimeAsync(10_000)
    await late
    const broken = expect(send()).rejects.toBeInstanceOf(Offline)
    FakeSocket.last.onclose?.({ code: 1006 })
    await broken
    await expect(send()).rejects.toBeInstanceOf(Offline)
  })
})

describe('back-off', () => {
  it('doubles its bound up to 30 s, with jitter over all of it', () => {
    const longest = createBackoff(() => 1)
    expect([1, 2, 3, 4, 5, 6, 7].map(() => longest.next())).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
    ])
    longest.reset()
    expect(longest.next()).toBe(1_000)
    const shortest = createBackoff(() => 0)
    expect([shortest.next(), shortest.next()]).toEqual([500, 500])
  })
})
