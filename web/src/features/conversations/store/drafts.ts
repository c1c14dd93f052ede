/** What was typed and not sent, per conversation: kept over a reload and the same in every tab. */
import type { Database } from './database'
import type { Tabs } from './tabs'
import type { Vault } from './vault'

export interface Drafts {
  readonly all: ReadonlyMap<string, string>
  get(conversationId: string): string
  set(conversationId: string, text: string): void
  /** Writes what is still waiting to be written. */
  flush(): Promise<void>
  load(): Promise<void>
  stop(): void
}

export interface DraftsOptions {
  database: Database | null
  vault: Vault
  tabs: Tabs
  onChange: (drafts: ReadonlyMap<string, string>) => void
}

const WRITE_AFTER_MS = 300

export function createDrafts(options: DraftsOptions): Drafts {
  const { database, vault, tabs } = options
  let all: ReadonlyMap<string, string> = new Map()
  const unwritten = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined

  const put = (conversationId: string, text: string) => {
    const next = new Map(all)
    if (text === '') next.delete(conversationId)
    else next.set(conversationId, text)
    all = next
    options.onChange(all)
  }

  const flush = async () => {
    clearTimeout(timer)
    const changed = [...unwritten]
    unwritten.clear()
    for (const conversationId of changed) {
      const text = all.get(conversationId) ?? ''
      tabs.post({ type: 'draft', conversation_id: conversationId, text })
      if (text === '') await database?.delete('drafts', conversationId)
      else {
        const kept = await vault.keep(place(conversationId), text)
        await database?.put('drafts', { conversation_id: conversationId, text: kept })
      }
    }
  }

  const forget = tabs.listen((message) => {
    // What this tab is typing at this moment is newer than what another one says.
    if (message.type === 'draft' && !unwritten.has(message.conversation_id)) put(message.conversation_id, message.text)
  })

  return {
    get all() {
      return all
    },
    get: (conversationId) => all.get(conversationId) ?? '',
    set(conversationId, text) {
      const kept = text.trim() === '' ? '' : text
      if (kept === (all.get(conversationId) ?? '')) return
      put(conversationId, kept)
      unwritten.add(conversationId)
      clearTimeout(timer)
      timer = setTimeout(() => void flush(), WRITE_AFTER_MS)
    },
    flush,
    async load() {
      for (const { conversation_id, text } of (await database?.getAll('drafts')) ?? []) {
        const read = await vault.read(place(conversation_id), text)
        if (typeof read === 'string' && !all.has(conversation_id)) put(conversation_id, read)
      }
    },
    stop() {
      clearTimeout(timer)
      forget()
    },
  }
}

function place(conversationId: string): string {
  return `draft ${conversationId}`
}
