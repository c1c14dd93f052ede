/** What became of a message of one's own. */
import type { Conversation } from '@/contract/types'
import { t } from './messages'
import { peerOf } from './people'
import type { Viewpoint } from './people'
import type { MessageRow } from './thread_items'

export type MessageState = 'queued' | 'sending' | 'failed' | 'sent' | 'read'

export interface MessageStanding {
  readonly state: MessageState
  readonly text: string
}

export function standingOf(row: MessageRow, conversation: Conversation | null, view: Viewpoint): MessageStanding {
  if (row.kind === 'echo' && row.echo.state !== 'sent') {
    const { state, problem } = row.echo
    const text = state === 'failed' ? (problem?.detail || problem?.title || t('message.failed')) : t(`message.${state}`)
    return { state, text }
  }
  const seq = row.kind === 'echo' ? row.echo.seq : row.entry.seq
  const readers = seq === null ? 0 : (conversation?.reads.filter((each) => each.read_seq >= seq).length ?? 0)
  if (readers === 0 || conversation === null) return { state: 'sent', text: t('message.sent') }
  const isPair = peerOf(conversation, view) !== null
  return { state: 'read', text: isPair ? t('message.read') : t('message.read_by', { count: readers }) }
}
