/** HTTP and the socket between a client and the fake server, with a cable that can be pulled. */
import type { ClientFrame, ServerFrame } from '../../../../contract/frames'
import { isRecord } from '../../../../shared/net/problems'
import type { FakeServer } from './fake_server'

export class FakeNetwork {
  plugged = true
  /** Pushes vanish without a trace while the socket looks healthy. */
  losesPushes = false
  /** Every HTTP call that reached the server. */
  readonly calls: string[] = []
  readonly sockets = new Set<FakeSocket>()

  constructor(
    readonly server: FakeServer,
    readonly person: string,
  ) {
    server.onPush = (frame) => {
      if (!this.losesPushes) for (const socket of this.sockets) socket.receive(frame)
    }
  }

  /** Pulls the cable: sockets break, calls fail. */
  unplug(): void {
    this.plugged = false
    for (const socket of [...this.sockets]) socket.break(1006)
  }

  plug(): void {
    this.plugged = true
    window.dispatchEvent(new Event('online'))
  }

  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    await Promise.resolve()
    if (!this.plugged) throw new TypeError('Failed to fetch')
    const { pathname, searchParams } = new URL(url, 'http://rapport.test')
    this.calls.push(`${init.method ?? 'GET'} ${pathname}${url.includes('?') ? `?${searchParams.toString()}` : ''}`)
    const body = typeof init.body === 'string' ? (JSON.parse(init.body) as unknown) : null
    return Response.json(this.answer(pathname.replace('/api/staff/', '').split('/'), searchParams, body))
  }

  private answer(path: string[], query: URLSearchParams, body: unknown): unknown {
    const [root, id = '', part, seq = '', act] = path
    const { server, person } = this
    if (root === 'sync') return server.sync(query.get('cursor'))
    if (root !== 'conversations') throw new Error(`no route ${path.join('/')}`)
    if (id === '') {
      const rows = server.ids.map((each) => server.row(each)).sort((one, other) => other.last_at - one.last_at)
      return { items: rows.slice(0, Number(query.get('limit'))), next: null, counts: { waiting: 0, unread: 0 } }
    }
    if (part === undefined) return server.row(id)
    const fields = isRecord(body) ? body : {}
    if (part === 'read') return this.read(id, Number(fields.seq))
    if (act === 'recall') return server.recall(id, person, String(fields.client_id), Number(seq))
    if (body !== null)
      return server.send(id, person, String(fields.client_id), fields.body as Parameters<FakeServer['send']>[3])
    const after = query.get('after')
    const range = after === null ? { before: Number(query.get('before')) } : { after: Number(after) }
    return server.page(id, range, Number(query.get('limit')))
  }

  read(id: string, seq: number): { read_seq: number; read_count: number } {
    this.server.read(id, seq)
    const { read_seq, read_count } = this.server.row(id)
    return { read_seq, read_count }
  }

  /** The class that stands in for WebSocket. */
  socketClass(): new (url: string) => FakeSocket {
    return socketOn(this)
  }
}

/** Its constructor is called by the code under test, which knows nothing of this network. */
function socketOn(network: FakeNetwork): new (url: string) => FakeSocket {
  return class extends FakeSocket {
    constructor() {
      super(network)
    }
  }
}

export class FakeSocket {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null

  constructor(private readonly network: FakeNetwork) {
    queueMicrotask(() => {
      if (!network.plugged) return this.break(1006)
      network.sockets.add(this)
      this.onopen?.()
    })
  }

  receive(frame: ServerFrame): void {
    queueMicrotask(() => this.onmessage?.({ data: JSON.stringify(frame) }))
  }

  break(code: number): void {
    this.network.sockets.delete(this)
    this.onclose?.({ code })
  }

  close(): void {
    this.network.sockets.delete(this)
  }

  send(data: string): void {
    const frame = JSON.parse(data) as ClientFrame
    const { network } = this
    const { server, person } = network
    switch (frame.type) {
      case 'hello': {
        const { epoch, cursor } = server.sync(null)
        const resync = frame.cursor !== cursor
        return this.receive({
          type: 'welcome',
          epoch,
          cursor,
          session_id: 's',
          heartbeat_s: 25,
          server_time: 0,
          resync,
        })
      }
      case 'send': {
        const sent = server.send(frame.conversation_id, person, frame.client_id, frame.body)
        return this.receive({ type: 'ack', ref: frame.ref, ...sent })
      }
      case 'recall': {
        const sent = server.recall(frame.conversation_id, person, frame.client_id, frame.target_seq)
        return this.receive({ type: 'ack', ref: frame.ref, ...sent })
      }
      case 'read':
        return this.receive({ type: 'done', ref: frame.ref, ...network.read(frame.conversation_id, frame.seq) })
      case 'ping': {
        const stale = Object.entries(frame.seqs ?? {}).flatMap(([id, seq]) => {
          const { last_seq } = server.row(id)
          return last_seq > seq ? [[id, last_seq] as const] : []
        })
        return this.receive({ type: 'pong', stale: Object.fromEntries(stale), server_time: 0 })
      }
      default:
    }
  }
}
