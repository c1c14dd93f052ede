/** Any interleaving of push, loss, repetition, reordering, late answers and reconnects ends in the server's log. */
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { emptyState } from './model'
import type { ConversationsState, StoreEvent } from './model'
import { firstSeq, lastSeq } from './ranges'
import { reduce } from './reduce'
import { FakeServer } from './testing/fake_server'
import { pageEvent } from './testing/log_of_one'
import { FAR_BEHIND } from './threads'
import { findWants } from './wants'
import type { Want } from './wants'

vi.setConfig({ testTimeout: 60_000 })
const PAGE = 5

/** Moves between a client and the fake server; every answer is made when asked and may arrive much later. */
class Link {
  state: ConversationsState = emptyState('staff', 'me')
  readonly server = new FakeServer()
  private frames: StoreEvent[] = []
  private answers: StoreEvent[] = []
  private counter = 0
  /** Texts whose recall was applied here: none may ever come back. */
  private readonly gone = new Set<string>()

  constructor() {
    for (const id of ['a', 'b']) this.server.create(id)
    this.server.onPush = (frame) =>
      this.frames.push({ type: 'entry_pushed', conversation_id: frame.conversation_id, entry: frame.entry })
    this.syncNow()
  }

  dispatch(event: StoreEvent): void {
    const before = this.state
    this.state = reduce(before, event)
    for (const [id, row] of before.rows) {
      expect(this.state.rows.get(id)?.conversation.last_seq).toBeGreaterThanOrEqual(row.conversation.last_seq)
    }
    this.check(event)
  }

  send(id: string): void {
    this.counter += 1
    this.server.send(id, this.counter % 3 === 0 ? 'm:me' : 'c:other', `c${this.counter}`, {
      kind: 'text',
      text: `${id}#${this.counter}`,
    })
  }

  /** More than a client reads in one go, and nothing of it is pushed. */
  sendMany(id: string): void {
    const { frames } = this
    this.frames = []
    for (let count = 0; count <= FAR_BEHIND; count += 1) this.send(id)
    this.recall(id, 3)
    this.frames = frames
  }

  recall(id: string, pick: number): void {
    const open = this.server.entries(id).filter((entry) => entry.body !== null && entry.kind === 'text')
    const target = open[pick % Math.max(1, open.length)]
    this.counter += 1
    if (target !== undefined) this.server.recall(id, 'c:other', `c${this.counter}`, target.seq)
  }

  deliver(pick: number, keep: boolean): void {
    const index = pick % Math.max(1, this.frames.length)
    const frame = this.frames[index]
    if (frame === undefined) return
    if (!keep) this.frames.splice(index, 1)
    this.dispatch(frame)
  }

  lose(pick: number): void {
    this.frames.splice(pick % Math.max(1, this.frames.length), 1)
  }

  ask(pick: number): void {
    const wants = findWants(this.state)
    const want = wants[pick % Math.max(1, wants.length)]
    if (want !== undefined) this.answers.push(this.answerTo(want))
  }

  askOlder(id: string): void {
    const thread = this.state.threads.get(id)
    const before = thread?.runs[0]?.[0]?.seq
    if (thread === undefined || before === undefined) return
    const page = this.server.page(id, { before }, PAGE)
    this.answers.push(pageEvent(id, thread.generation, 'between', page.items, null, !page.more))
  }

  arrive(pick: number): void {
    const answer = this.answers.splice(pick % Math.max(1, this.answers.length), 1)[0]
    if (answer !== undefined) this.dispatch(answer)
  }

  askSync(): void {
    const sync = this.server.sync(this.state.cursor)
    this.answers.push({ type: 'rows_received', rows: sync.conversations, counts: null, asked: this.state.revision })
  }

  /** The connection is healthy again: everything under way arrives, then sync, then every hole is asked for. */
  heal(): void {
    while (this.answers.length > 0) this.arrive(0)
    this.frames = []
    this.syncNow()
    this.fill()
  }

  /** The connection was healthy all along: everything under way arrives, and every hole that shows is asked for. */
  settle(): void {
    while (this.answers.length > 0) this.arrive(0)
    while (this.frames.length > 0) this.deliver(0, false)
    this.fill()
  }

  /** Somebody new: the first this client hears of the conversation is an entry in it. */
  meet(): void {
    this.counter += 1
    const id = `n${this.counter}`
    this.server.create(id)
    this.send(id)
  }

  private fill(): void {
    for (let round = 0; round < 500; round += 1) {
      const want = findWants(this.state)[0]
      if (want === undefined) return
      this.dispatch(this.answerTo(want))
    }
    throw new Error('the holes never closed')
  }

  private syncNow(): void {
    const sync = this.server.sync(this.state.cursor ?? '0')
    this.dispatch({ type: 'epoch_seen', epoch: sync.epoch })
    this.dispatch({ type: 'rows_received', rows: sync.conversations, counts: null, asked: this.state.revision })
    this.dispatch({ type: 'cursor_moved', cursor: sync.cursor })
  }

  private answerTo(want: Want): StoreEvent {
    const id = want.conversation_id
    switch (want.kind) {
      case 'row':
        return { type: 'rows_received', rows: [this.server.row(id)], counts: null, asked: this.state.revision }
      case 'newest': {
        const page = this.server.page(id, { before: want.before }, PAGE)
        return pageEvent(id, want.generation, 'newest', page.items, want.before - 1, !page.more)
      }
      case 'newer': {
        const page = this.server.page(id, { after: want.after }, PAGE)
        return pageEvent(id, want.generation, 'newer', page.items, null, false)
      }
    }
  }

  private check(event: StoreEvent): void {
    if (event.type === 'entry_pushed' && event.entry.kind === 'recall') {
      const original = `${event.conversation_id}@${event.entry.target_seq ?? 0}`
      if (this.state.threads.has(event.conversation_id)) this.gone.add(original)
    }
    if (event.type === 'thread_closed') {
      for (const each of [...this.gone]) if (each.startsWith(`${event.conversation_id}@`)) this.gone.delete(each)
    }
    for (const [id, thread] of this.state.threads) {
      const entries = thread.runs.flat()
      const seqs = entries.map((entry) => entry.seq)
      expect(seqs).toEqual([...new Set(seqs)].sort((one, other) => one - other))
      for (const entry of entries) if (this.gone.has(`${id}@${entry.seq}`)) expect(entry.body).toBeNull()
      expect(thread.tail).toBe(thread.runs.at(-1)?.at(-1)?.seq ?? 0)
    }
  }
}

const conversation = fc.constantFrom('a', 'b')
const anyConversation = fc.nat({ max: 5 })
const pick = fc.nat({ max: 30 })
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('send' as const), id: conversation }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('recall' as const), id: conversation, pick }) },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constantFrom('deliver' as const, 'repeat' as const, 'lose' as const), pick }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('ask' as const, 'arrive' as const, 'arrive' as const), pick }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constantFrom('open' as const, 'older' as const, 'trim' as const), id: conversation }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom('close' as const, 'send many' as const), id: conversation }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('sync' as const, 'heal' as const) }) },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

function run(link: Link, each: Step): void {
  switch (each.do) {
    case 'send':
      return link.send(each.id)
    case 'send many':
      return link.sendMany(each.id)
    case 'recall':
      return link.recall(each.id, each.pick)
    case 'deliver':
      return link.deliver(each.pick, false)
    case 'repeat':
      return link.deliver(each.pick, true)
    case 'lose':
      return link.lose(each.pick)
    case 'ask':
      return link.ask(each.pick)
    case 'arrive':
      return link.arrive(each.pick)
    case 'open':
      return link.state.threads.has(each.id)
        ? undefined
        : link.dispatch({ type: 'thread_opened', conversation_id: each.id })
    case 'close':
      return link.dispatch({ type: 'thread_closed', conversation_id: each.id })
    case 'older':
      return link.askOlder(each.id)
    case 'trim':
      return link.dispatch({ type: 'thread_trimmed', conversation_id: each.id, anchor: 20 })
    case 'sync':
      return link.askSync()
    case 'heal':
      return link.heal()
  }
}

/** What happens to a client that loses nothing: the order of pushes and answers is all that varies. */
const quietStep = fc.oneof(
  { weight: 1, arbitrary: fc.record({ do: fc.constant('meet' as const), pick }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom('send' as const, 'deliver' as const, 'ask' as const, 'arrive' as const),
      pick: anyConversation,
    }),
  },
)
type QuietStep = typeof quietStep extends fc.Arbitrary<infer S> ? S : never

function runQuietly(link: Link, each: QuietStep): void {
  switch (each.do) {
    case 'meet':
      return link.meet()
    case 'send':
      return link.send(link.server.ids[each.pick % link.server.ids.length] ?? 'a')
    case 'deliver':
      return link.deliver(each.pick, false)
    case 'ask':
      return link.ask(each.pick)
    case 'arrive':
      return link.arrive(each.pick)
  }
}

describe('the reducer under any schedule', () => {
  it('ends in the log of the server, without a double and without a hole', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 60, maxLength: 120, size: 'max' }), (steps) => {
        const link = new Link()
        for (const each of steps) run(link, each)
        if (!link.state.threads.has('a')) link.dispatch({ type: 'thread_opened', conversation_id: 'a' })
        link.heal()
        for (const id of link.server.ids) {
          const log = link.server.entries(id)
          const isOpen = link.state.threads.has(id)
          const runs = link.state.threads.get(id)?.runs ?? []
          for (const held of runs) expect(held).toEqual(log.slice(firstSeq(held) - 1, lastSeq(held)))
          expect(lastSeq(runs.at(-1) ?? [])).toBe(isOpen ? log.length : 0)
          expect(link.state.rows.get(id)?.conversation).toMatchObject({
            last_seq: log.length,
            count: link.server.row(id).count,
            last: link.server.row(id).last,
          })
        }
      }),
      { numRuns: 150 },
    )
  })

  it('forgets nothing that was pushed, not even while it reads the row of somebody new', () => {
    fc.assert(
      fc.property(fc.array(quietStep, { minLength: 10, maxLength: 60, size: 'max' }), (steps) => {
        const link = new Link()
        for (const each of steps) runQuietly(link, each)
        link.settle()
        for (const id of link.server.ids) {
          const { last_seq, count, last } = link.server.row(id)
          expect(link.state.rows.get(id)?.conversation).toMatchObject({ last_seq, count, last })
        }
      }),
      { numRuns: 300 },
    )
  })
})
