/** Puts the parts together: one client per surface and page, from the sign-in to the sign-out. */
import type { Body, SendableBody } from '../../../contract/types'
import { createApi, isPassing } from '../../../shared/net/api'
import { createBackoff } from '../../../shared/net/backoff'
import { newClientId } from '../../../shared/net/ids'
import type { LinkState } from '../../../shared/net/link_state'
import { ApiProblem } from '../../../shared/net/problems'
import { createRealtime, realtimeUrl } from '../../../shared/net/realtime'
import { createActions } from './actions'
import type { Actions } from './actions'
import { openCache } from './cache'
import { conversationCalls } from './calls'
import type { Calls } from './calls'
import { claimDatabase, openDatabase, wipeCopies, wipeDatabase } from './database'
import { createDrafts } from './drafts'
import type { Drafts } from './drafts'
import { followWants } from './follow'
import { keepCache } from './keep'
import { seekLeadership } from './leadership'
import type { Leadership } from './leadership'
import type { ConversationSurface } from './model'
import { createOutbox } from './outbox'
import type { Outbox } from './outbox'
import { openOutboxStore } from './outbox_store'
import { createReads } from './reads'
import { provenSends, receiveFrames } from './received'
import type { Reads } from './reads'
import { createStore } from './store'
import type { Store } from './store'
import { createSync } from './sync'
import { openTabs } from './tabs'
import { createTyping } from './typing'
import type { Typing } from './typing'
import { openVault } from './vault'
import { watchThreads } from './watched'
import type { Watched } from './watched'

/** `expired`: sign in again and what waits is sent. `replaced`: another account signed in in another tab. */
export type EndReason = 'signed_out' | 'revoked' | 'expired' | 'replaced' | 'left'

export interface ClientOptions {
  surface: ConversationSurface
  /** Whose conversations these are, e.g. corp and userid, or the consumer's id. */
  account: string
  /** The account this one grew out of: a guest who turned out to be a known consumer. */
  formerly?: string | null
  /** The member's userid; null on the consumer's surface. */
  userid: string | null
  locale: () => string
  onLink: (state: LinkState) => void
  onTyping: (people: ReadonlyMap<string, readonly string[]>) => void
  onDrafts: (drafts: ReadonlyMap<string, string>) => void
  onProblem: (conversationId: string, problem: Error | null) => void
  /** Everything is stopped and wiped as far as the reason demands; show the sign-in. */
  onEnded: (reason: EndReason) => void
}

export interface ConversationClient {
  readonly store: Store
  readonly calls: Calls
  readonly actions: Actions
  readonly outbox: Outbox
  readonly drafts: Drafts
  readonly reads: Reads
  readonly typing: Typing
  readonly watched: Watched
  /** False over plain HTTP: nothing can be read offline. */
  readonly canCache: boolean
  /** False where the browser keeps nothing: closing the page loses what waits. */
  readonly canQueue: boolean
  /** Tries the connection now, for a button. */
  hurry(): void
  end(reason: EndReason): Promise<void>
}

const CHECKPOINT_MS = 240_000

export async function createClient(options: ClientOptions): Promise<ConversationClient> {
  const { surface } = options
  const tabs = openTabs(surface)
  const database = await openDatabase(surface)
  if (database !== null) await claimDatabase(database, options.account, options.formerly ?? null)
  const vault = await openVault(database)
  const store = createStore(surface, options.userid)
  const api = createApi({ surface, locale: options.locale, onSignedOut: () => void end('expired') })
  const calls = conversationCalls(api)
  const puller = createSync(store, calls)
  let leadership: Leadership | null = null
  let ended = false

  const realtime = createRealtime({
    url: realtimeUrl(surface),
    cursor: () => store.state.cursor,
    watchedSeqs: () => watched.seqs(),
    onFrame: (frame) => receive(frame),
    onState: (state) => {
      options.onLink(state)
      if (state === 'online' || state === 'degraded') resume()
    },
    onRevoked: () => void end('revoked'),
    poll: () => pull(),
  })
  const isOnline = () => realtime.state === 'online'
  const watched = watchThreads(store, (ids) => realtime.tell({ type: 'watch', conversation_ids: ids }))
  const drafts = createDrafts({ database, vault, tabs, onChange: options.onDrafts })
  const typing = createTyping({
    tell: (id) => realtime.tell({ type: 'typing', conversation_id: id }),
    onChange: options.onTyping,
  })
  const reads = createReads({
    store,
    tabs,
    tell: async (id, seq) => {
      if (!isOnline()) return calls.read(id, seq)
      const answer = await realtime.ask({ type: 'read', conversation_id: id, seq })
      return 'read_seq' in answer ? { read_seq: answer.read_seq, read_count: answer.read_count } : calls.read(id, seq)
    },
  })
  const outboxStore = openOutboxStore(database, vault)
  const sendBody = async (id: string, client_id: string, body: Body) => {
    if (!isOnline()) return calls.send(id, client_id, body)
    const answer = await realtime.ask({ type: 'send', conversation_id: id, client_id, body: body as SendableBody })
    return 'seq' in answer ? answer : calls.send(id, client_id, body)
  }
  const outbox = createOutbox({
    store: outboxStore,
    tabs,
    leadership: (onGained) => {
      leadership = seekLeadership({ name: `rapport-${surface}-outbox`, database, onGained })
      return leadership
    },
    delivery: { send: sendBody, upload: calls.upload },
    onEcho: (echo) => {
      store.dispatch({ type: 'echo_put', echo })
      if (echo.seq !== null) store.dispatch({ type: 'head_seen', conversation_id: echo.conversation_id, seq: echo.seq })
    },
    onEchoGone: (conversation_id, client_id) => store.dispatch({ type: 'echo_removed', conversation_id, client_id }),
    isReachable: () => realtime.state !== 'offline',
    lastSeq: (id) => store.state.threads.get(id)?.tail ?? store.state.rows.get(id)?.conversation.last_seq ?? 0,
  })
  const keeper =
    database !== null && vault.canSeal
      ? keepCache({ store, cache: openCache(database, vault), calls, isLeader: () => leadership?.held === true })
      : null
  const follower = followWants({ store, calls, sync: () => pull(), onProblem: options.onProblem })
  const actions = createActions({
    store,
    calls,
    recall: async (id, seq) => {
      const client_id = newClientId()
      if (!isOnline()) return (await calls.recall(id, client_id, seq)).seq
      const answer = await realtime.ask({ type: 'recall', conversation_id: id, client_id, target_seq: seq })
      return 'seq' in answer ? answer.seq : (await calls.recall(id, client_id, seq)).seq
    },
    restoreThread: (id) => keeper?.restoreThread(id) ?? Promise.resolve(),
  })

  const pull = async (): Promise<void> => {
    await puller.run()
    await keeper?.catchUp()
  }
  const syncBackoff = createBackoff()
  let syncTimer: ReturnType<typeof setTimeout> | undefined
  const pullUntilDone = () => {
    clearTimeout(syncTimer)
    pull().then(
      () => syncBackoff.reset(),
      (error: unknown) => {
        if (!isPassing(error) && !(error instanceof ApiProblem)) throw error
        if (!ended) syncTimer = setTimeout(pullUntilDone, syncBackoff.next())
      },
    )
  }
  /** Finds what was lost without a trace, also in conversations that are not on screen. */
  const checkpoint = setInterval(() => {
    if (isOnline()) pullUntilDone()
  }, CHECKPOINT_MS)

  const resume = () => {
    follower.hurry()
    reads.hurry()
    outbox.sendNow()
  }

  const receive = receiveFrames({ store, typing, onWelcome: () => watched.tellAgain(), onResync: pullUntilDone })

  store.listen((state, event) => {
    for (const [clientId, seq] of provenSends(state, event)) void outbox.confirm(clientId, seq)
  })

  const leavePage = () => {
    void drafts.flush()
    void keeper?.flush()
  }
  window.addEventListener('pagehide', leavePage)

  const end = async (reason: EndReason): Promise<void> => {
    if (ended) return
    ended = true
    window.removeEventListener('pagehide', leavePage)
    clearInterval(checkpoint)
    clearTimeout(syncTimer)
    for (const part of [realtime, follower, outbox, reads, typing]) part.stop()
    if (reason === 'left' || reason === 'expired') await drafts.flush()
    if (reason === 'left') await keeper?.flush()
    drafts.stop()
    await keeper?.stop()
    const isOver = reason === 'signed_out' || reason === 'revoked'
    if (isOver) tabs.post({ type: 'signed_out' })
    if (database !== null && isOver) await wipeDatabase(database)
    if (database !== null && reason === 'expired') await wipeCopies(database)
    tabs.close()
    database?.close()
    options.onEnded(reason)
  }
  tabs.listen((message) => {
    if (message.type === 'signed_out') void end('signed_out')
    if (message.type === 'account' && message.account !== options.account) void end('replaced')
  })
  tabs.post({ type: 'account', account: options.account })

  await Promise.all([keeper?.restore(), drafts.load(), outbox.start()])
  realtime.start()
  return {
    store,
    calls,
    actions,
    outbox,
    drafts,
    reads,
    typing,
    watched,
    canCache: keeper !== null,
    canQueue: outboxStore.durable,
    hurry: () => realtime.hurry(),
    end,
  }
}
