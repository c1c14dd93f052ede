/** A server for unit tests: the contract's semantics of log, rows, cursors and recall, without any network. */
import type { Body, Conversation, Entry, EntryRange, Sent, Sync } from '../../../../contract/types'

interface Log {
  conversation: Conversation
  entries: Entry[]
  changed: number
}

export interface PushedEntry {
  type: 'entry'
  corp_id: string
  conversation_id: string
  entry: Entry
  cursor: string
}

export class FakeServer {
  epoch = 'e1'
  private clock = 1
  private change = 1
  private readonly logs = new Map<string, Log>()
  /** Everything that a connected client would be pushed; the test decides what arrives. */
  onPush: (frame: PushedEntry) => void = () => undefined

  create(id: string, options: Partial<Conversation> = {}): void {
    this.logs.set(id, {
      changed: this.change++,
      entries: [],
      conversation: {
        corp_id: 'corp',
        conversation_id: id,
        kind: 'customer',
        title: null,
        people: [],
        people_count: 2,
        last_seq: 0,
        count: 0,
        last: null,
        last_at: 0,
        joined_seq: 1,
        read_seq: 0,
        read_count: 0,
        reads: [],
        pinned: false,
        muted: false,
        marked_unread: false,
        waiting_since: null,
        state: 'open',
        closed_reason: null,
        ...options,
      },
    })
  }

  get ids(): string[] {
    return [...this.logs.keys()]
  }

  send(id: string, sender: string, clientId: string, body: Body): Sent {
    const log = this.log(id)
    const known = log.entries.find((entry) => entry.sender === sender && entry.client_id === clientId)
    if (known !== undefined) return sentOf(id, known, true)
    return sentOf(id, this.append(log, { kind: body.kind, sender, client_id: clientId, target_seq: null, body }), false)
  }

  recall(id: string, sender: string, clientId: string, targetSeq: number): Sent {
    const log = this.log(id)
    const known = log.entries.find((entry) => entry.sender === sender && entry.client_id === clientId)
    if (known !== undefined) return sentOf(id, known, true)
    const target = log.entries[targetSeq - 1]
    if (target === undefined) throw new Error(`no entry ${targetSeq}`)
    log.entries[targetSeq - 1] = { ...target, body: null }
    return sentOf(
      id,
      this.append(log, {
        kind: 'recall',
        sender,
        client_id: clientId,
        target_seq: targetSeq,
        body: { kind: 'recall' },
      }),
      false,
    )
  }

  read(id: string, seq: number): void {
    const log = this.log(id)
    if (seq <= log.conversation.read_seq) return
    log.conversation = { ...log.conversation, read_seq: seq, read_count: log.entries[seq - 1]?.count ?? 0 }
    log.changed = this.change++
  }

  entries(id: string): readonly Entry[] {
    return this.log(id).entries
  }

  row(id: string): Conversation {
    const log = this.log(id)
    const last = log.entries.findLast((entry) => entry.kind !== 'recall') ?? null
    return { ...log.conversation, last }
  }

  page(id: string, range: { after: number } | { before: number }, limit: number): EntryRange {
    const { entries } = this.log(id)
    if ('after' in range) {
      const rest = entries.filter((entry) => entry.seq > range.after)
      return { items: rest.slice(0, limit), more: rest.length > limit }
    }
    const rest = entries.filter((entry) => entry.seq < range.before)
    return { items: rest.slice(-limit), more: rest.length > limit }
  }

  sync(cursor: string | null, limit = 100): Sync {
    const from = cursor === null ? this.change : Number(cursor)
    const changed = [...this.logs.values()]
      .filter((log) => log.changed >= from)
      .sort((one, other) => one.changed - other.changed)
    const page = changed.slice(0, limit)
    const more = changed.length > limit
    const next = more ? (page[page.length - 1]?.changed ?? 0) + 1 : this.change
    return {
      epoch: this.epoch,
      cursor: String(next),
      reset: false,
      conversations: page.map((log) => this.row(log.conversation.conversation_id)),
      more,
    }
  }

  private append(log: Log, parts: Pick<Entry, 'kind' | 'sender' | 'client_id' | 'target_seq' | 'body'>): Entry {
    const seq = log.entries.length + 1
    const count = log.conversation.count + (parts.kind === 'recall' ? 0 : 1)
    const entry: Entry = {
      ...parts,
      seq,
      count,
      id: `${log.conversation.conversation_id}-${seq}`,
      sent_at: this.clock++,
      automatic: false,
    }
    log.entries.push(entry)
    log.changed = this.change++
    log.conversation = {
      ...log.conversation,
      last_seq: seq,
      count,
      last_at: parts.kind === 'recall' ? log.conversation.last_at : entry.sent_at,
    }
    const { conversation_id, corp_id } = log.conversation
    this.onPush({ type: 'entry', corp_id, conversation_id, entry, cursor: String(this.change) })
    return entry
  }

  private log(id: string): Log {
    const log = this.logs.get(id)
    if (log === undefined) throw new Error(`no conversation ${id}`)
    return log
  }
}

function sentOf(conversationId: string, entry: Entry, duplicate: boolean): Sent {
  return { conversation_id: conversationId, seq: entry.seq, count: entry.count, id: entry.id, sent_at: entry.sent_at, duplicate }
}
