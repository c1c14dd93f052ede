/**
 * Sends what waits: in order within a conversation, from one tab, with the same `client_id` until the
 * server has answered. The server stores a `client_id` once, so that a lost answer costs nothing.
 */
import type { Body, File, Sent } from '../../../contract/types'
import { isPassing, retryDelay } from '../../../shared/net/api'
import { createBackoff, wait } from '../../../shared/net/backoff'
import { ApiProblem } from '../../../shared/net/problems'
import { bodyOfFile } from './attachments'
import type { Leadership } from './leadership'
import type { Attachment, Echo } from './model'
import { echoOf } from './outbox_store'
import type { Draft, Outgoing, OutboxStore } from './outbox_store'
import type { Tabs } from './tabs'

export interface Delivery {
  send(conversationId: string, clientId: string, body: Body): Promise<Pick<Sent, 'seq'>>
  upload(attachment: Attachment, onProgress: (share: number) => void, signal: AbortSignal): Promise<File>
}

export interface OutboxOptions {
  store: OutboxStore
  tabs: Tabs
  leadership: (onGained: () => void) => Leadership
  delivery: Delivery
  onEcho: (echo: Echo) => void
  onEchoGone: (conversationId: string, clientId: string) => void
  /** False while it is known that nothing can be sent; `sendNow` is called when that changes. */
  isReachable: () => boolean
  /** The newest entry on screen, after which a refused message keeps its place. */
  lastSeq: (conversationId: string) => number
}

export interface Outbox {
  /** Shows what the last visit left and begins to send. */
  start(): Promise<void>
  /** Resolves when the message is kept; only then it is shown. */
  add(draft: Draft): Promise<void>
  retry(clientId: string): Promise<void>
  /** Also stops an upload. What the server has already is not taken back: that is a recall. */
  remove(clientId: string): Promise<void>
  /** The entry is in the log, by whatever way that became known. */
  confirm(clientId: string, seq: number): Promise<void>
  sendNow(): void
  stop(): void
}

/** Milliseconds that the server asks to wait, or null: the next message may follow at once. */
type Pause = number | null

export function createOutbox(options: OutboxOptions): Outbox {
  const { store, tabs } = options
  /** Conversations that are being worked on, each with the means to end its present pause. */
  const working = new Map<string, AbortController>()
  const uploads = new Map<string, AbortController>()
  const removed = new Set<string>()
  let leadership: Leadership | null = null
  let stopped = false

  const maySend = () => !stopped && leadership?.held === true && options.isReachable()
  const show = (echo: Echo) => {
    options.onEcho(echo)
    tabs.post({ type: 'echo', echo })
  }
  const hide = (conversationId: string, clientId: string) => {
    options.onEchoGone(conversationId, clientId)
    tabs.post({ type: 'echo_gone', conversation_id: conversationId, client_id: clientId })
  }

  const sendNow = () => {
    for (const pause of working.values()) pause.abort()
    void sendAll()
  }

  const sendAll = async () => {
    if (!maySend()) return
    const waiting = (await store.all()).filter((message) => message.failed === null)
    for (const id of new Set(waiting.map((message) => message.conversation_id))) void work(id)
  }

  /** One conversation's queue, one message after the other. */
  const work = async (conversationId: string) => {
    if (working.has(conversationId)) return
    const backoff = createBackoff()
    working.set(conversationId, new AbortController())
    try {
      while (maySend()) {
        const message = await store.next(conversationId)
        if (message === null) break
        const delay = await sendOne(message)
        if (delay === null) backoff.reset()
        else await pause(conversationId, Math.max(delay, backoff.next()))
      }
      working.delete(conversationId)
      // Something may have been added after the last look.
      if (maySend() && (await store.next(conversationId)) !== null) void work(conversationId)
    } catch (error) {
      working.delete(conversationId)
      // The database is closed together with the queue.
      if (!stopped) throw error
    }
  }

  const pause = async (conversationId: string, delay: number) => {
    const nudge = new AbortController()
    working.set(conversationId, nudge)
    await wait(delay, nudge.signal).catch(() => undefined)
  }

  const sendOne = async (message: Outgoing): Promise<Pause> => {
    const { client_id, conversation_id } = message
    show(echoOf(message, 'sending', message.attachment === null || message.uploaded !== null ? null : 0))
    try {
      const body = await bodyToSend(message)
      if (!maySend() || removed.has(client_id)) return null
      const { seq } = await options.delivery.send(conversation_id, client_id, body)
      await store.remove(client_id)
      show({ ...echoOf(message, 'sending'), body, state: 'sent', seq })
      return null
    } catch (error) {
      if (stopped || removed.has(client_id)) return null
      if (!isPassing(error) && !(error instanceof ApiProblem)) throw error
      if (error instanceof ApiProblem && !isPassing(error) && error.status !== 401) return refuse(message, error)
      show(echoOf(message, 'queued'))
      return retryDelay(error, 0)
    }
  }

  const bodyToSend = async (message: Outgoing): Promise<Body> => {
    const { attachment, client_id } = message
    if (attachment === null) {
      if (message.body === null) throw new Error(`The message ${client_id} has neither a body nor a file.`)
      return message.body
    }
    const known = message.uploaded ?? (await upload(message, attachment))
    return bodyOfFile(known)
  }

  const upload = async (message: Outgoing, attachment: Attachment): Promise<File> => {
    const stop = new AbortController()
    uploads.set(message.client_id, stop)
    let shown = 0
    const onProgress = (share: number) => {
      if (share < 1 && share - shown < 0.02) return
      shown = share
      show(echoOf(message, 'sending', share))
    }
    try {
      const file = await options.delivery.upload(attachment, onProgress, stop.signal)
      await store.change(message.client_id, { uploaded: file })
      return file
    } finally {
      uploads.delete(message.client_id)
    }
  }

  const refuse = async (message: Outgoing, problem: ApiProblem): Promise<Pause> => {
    const failed = { code: problem.code, title: problem.title, detail: problem.detail }
    const anchor_seq = options.lastSeq(message.conversation_id)
    const kept = await store.change(message.client_id, { failed, anchor_seq })
    if (kept !== null) show(echoOf(kept, 'queued'))
    return null
  }

  const cancel = (clientId: string) => {
    removed.add(clientId)
    uploads.get(clientId)?.abort()
  }

  const forget = tabs.listen((message) => {
    switch (message.type) {
      case 'echo':
        return options.onEcho(message.echo)
      case 'echo_gone':
        return options.onEchoGone(message.conversation_id, message.client_id)
      case 'send_now':
        return sendNow()
      case 'cancel':
        return cancel(message.client_id)
      default:
        return undefined
    }
  })

  return {
    async start() {
      for (const message of await store.all()) options.onEcho(echoOf(message, 'queued'))
      leadership = options.leadership(() => void sendAll())
    },
    async add(draft) {
      const message = await store.add(draft)
      show(echoOf(message, 'queued'))
      tabs.post({ type: 'send_now' })
      sendNow()
    },
    async retry(clientId) {
      const message = await store.change(clientId, { failed: null, anchor_seq: null })
      if (message === null) return
      show(echoOf(message, 'queued'))
      tabs.post({ type: 'send_now' })
      sendNow()
    },
    async remove(clientId) {
      const message = (await store.all()).find((each) => each.client_id === clientId)
      cancel(clientId)
      tabs.post({ type: 'cancel', client_id: clientId })
      await store.remove(clientId)
      if (message !== undefined) hide(message.conversation_id, clientId)
    },
    async confirm(clientId, seq) {
      if (stopped) return
      const message = (await store.all()).find((each) => each.client_id === clientId)
      if (message === undefined) return
      await store.remove(clientId)
      show({ ...echoOf(message, 'sending'), state: 'sent', problem: null, seq })
    },
    sendNow() {
      tabs.post({ type: 'send_now' })
      sendNow()
    },
    stop() {
      stopped = true
      forget()
      leadership?.stop()
      for (const pause of working.values()) pause.abort()
      for (const each of uploads.values()) each.abort()
    },
  }
}
