/** Several tabs of one browser in one test: each with its own outbox on the shared database. */
import type { Body, File } from '../../../../contract/types'
import { openDatabase } from '../database'
import type { Database } from '../database'
import { seekLeadership } from '../leadership'
import type { Leadership } from '../leadership'
import type { Attachment, Echo } from '../model'
import { createOutbox } from '../outbox'
import type { Delivery, Outbox } from '../outbox'
import { openOutboxStore } from '../outbox_store'
import { openTabs } from '../tabs'
import { openVault } from '../vault'

export interface Tab {
  readonly database: Database
  readonly outbox: Outbox
  /** What this tab shows, by client_id. */
  readonly echoes: Map<string, Echo>
  leadership: Leadership | null
  reachable: boolean
  write(conversationId: string, clientId: string, content: string | Attachment): Promise<void>
  close(): void
}

export async function openTab(delivery: Delivery): Promise<Tab> {
  const database = await openDatabase('staff')
  if (database === null) throw new Error('no database')
  const vault = await openVault(database)
  const tabs = openTabs('staff')
  const echoes = new Map<string, Echo>()
  const outbox = createOutbox({
    store: openOutboxStore(database, vault),
    tabs,
    delivery,
    leadership: (onGained) => {
      tab.leadership = seekLeadership({ name: 'outbox', database, onGained })
      return tab.leadership
    },
    onEcho: (echo) => echoes.set(echo.client_id, echo),
    onEchoGone: (_conversationId, clientId) => echoes.delete(clientId),
    isReachable: () => tab.reachable,
    lastSeq: () => 7,
  })
  const tab: Tab = {
    database,
    outbox,
    echoes,
    leadership: null,
    reachable: true,
    write: (conversation_id, client_id, content) =>
      outbox.add({
        client_id,
        conversation_id,
        created_at: 0,
        body: typeof content === 'string' ? { kind: 'text', text: content } : null,
        attachment: typeof content === 'string' ? null : content,
      }),
    close() {
      outbox.stop()
      tabs.close()
      database.close()
    },
  }
  await outbox.start()
  return tab
}

/** What the server was asked, in order; `answer` may refuse or keep silent. */
export class FakeDelivery implements Delivery {
  readonly sent: { conversation_id: string; client_id: string; body: Body }[] = []
  readonly uploads: string[] = []
  answer: (clientId: string) => Promise<void> = () => Promise.resolve()
  answerUpload: (signal: AbortSignal) => Promise<void> = () => Promise.resolve()

  async send(conversation_id: string, client_id: string, body: Body): Promise<{ seq: number }> {
    this.sent.push({ conversation_id, client_id, body })
    await this.answer(client_id)
    return { seq: this.sent.length }
  }

  async upload(attachment: Attachment, onProgress: (share: number) => void, signal: AbortSignal): Promise<File> {
    this.uploads.push(attachment.name)
    onProgress(0.5)
    await this.answerUpload(signal)
    const { kind, name, mime, size, duration_ms } = attachment
    return { file_id: `f-${name}`, kind, name, mime, size, width: 4, height: 3, duration_ms }
  }

  get texts(): string[] {
    return this.sent.map(({ body }) => (body.kind === 'text' ? body.text : body.kind))
  }
}
