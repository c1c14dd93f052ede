/** Who a conversation is with, as the one who looks at it calls it. */
import type { Conversation, Entry, Person, PersonId } from '@/contract/types'
import { formatDuration } from '@/shared/format'
import { t } from './messages'

/** Whose eyes: a member by id, or a consumer, for whom every customer in their own conversations is oneself. */
export interface Viewpoint {
  readonly surface: 'staff' | 'consumer'
  /** `m:<userid>`; null on the consumer's surface. */
  readonly ownId: PersonId | null
}

export function isOwnPerson(view: Viewpoint, person: PersonId | null): boolean {
  if (person === null) return false
  return view.surface === 'staff' ? person === view.ownId : person.startsWith('c:')
}

/** The other one of a conversation between two; null in a group. */
export function peerOf(conversation: Conversation, view: Viewpoint): Person | null {
  if (conversation.kind === 'group') return null
  return conversation.people.find((person) => !isOwnPerson(view, person.id)) ?? null
}

export function titleOf(conversation: Conversation, view: Viewpoint): string {
  const peer = peerOf(conversation, view)
  if (peer !== null) return peer.name
  if (conversation.title) return conversation.title
  const names = conversation.people.filter((person) => !isOwnPerson(view, person.id)).map((person) => person.name)
  return names.length > 0 ? names.join('、') : t('person.unknown')
}

export function nameOf(conversation: Conversation | null, person: PersonId | null): string {
  return conversation?.people.find((each) => each.id === person)?.name ?? t('person.unknown')
}

/** “王女士正在输入…”; between two the name is known already. */
export function typingText(conversation: Conversation | null, typing: readonly PersonId[]): string {
  if (typing.length === 0) return ''
  if (conversation?.kind !== 'group') return t('thread.typing')
  if (typing.length > 1) return t('thread.typing.many', { count: typing.length })
  return t('thread.typing.who', { name: nameOf(conversation, typing[0] ?? null) })
}

const WELCOME_REASONS = [
  'no_greeting', 'relation_ended', 'member_cannot_serve', 'conversation_closed', 'file_missing', 'text_too_long', 'refused', 'too_late',
] as const

/** A line that the product wrote, in the reader's language; null where this reader is not meant to see it. */
export function systemText(entry: Entry, conversation: Conversation | null, view: Viewpoint): string | null {
  if (entry.body?.kind !== 'system') return null
  const { event, params } = entry.body
  const text = (name: string) => String(params[name] ?? '')
  switch (event) {
    case 'customer_added':
      return view.surface === 'staff' && text('state') ? t('system.customer_added.state', { state: text('state') }) : t('system.customer_added')
    case 'welcome_skipped': {
      if (view.surface !== 'staff') return null
      const reason = WELCOME_REASONS.find((each) => each === text('reason')) ?? 'refused'
      return t('system.welcome_skipped', { reason: t(`welcome.${reason}`) })
    }
    case 'group_created':
      return t('system.group_created', { name: whoOf(conversation, text('by'), view), title: text('title') })
    case 'member_joined':
      return t('system.member_joined', { name: whoOf(conversation, text('person'), view) })
    case 'member_left':
      return t('system.member_left', { name: whoOf(conversation, text('person'), view) })
    default:
      return t('system.other')
  }
}

function whoOf(conversation: Conversation | null, person: PersonId, view: Viewpoint): string {
  return isOwnPerson(view, person) ? t('system.you') : nameOf(conversation, person)
}

type Preview = Pick<Entry, 'body' | 'sender' | 'kind'>

/** One line that says what an entry is: for lists, notices and screen readers. */
export function previewOf(entry: Preview | null): string {
  if (entry === null) return t('preview.none')
  const { body } = entry
  switch (body?.kind) {
    case 'text':
      return body.text.replace(/\s+/g, ' ')
    case 'image':
      return t('preview.image')
    case 'voice':
      return t('preview.voice', { duration: formatDuration(body.duration_ms) })
    case 'file':
      return t('preview.file', { name: body.name })
    case 'link':
      return t('preview.link', { title: body.title })
    default:
      return t('preview.recalled')
  }
}

/** The second line of a conversation in a list. */
export function lastLineOf(conversation: Conversation, view: Viewpoint): string {
  const { last } = conversation
  if (last === null) return t('preview.none')
  if (last.kind === 'system') return systemText(last, conversation, view) ?? ''
  if (last.body === null && isOwnPerson(view, last.sender)) return t('message.recalled.own')
  const text = previewOf(last)
  if (conversation.kind !== 'group' || last.sender === null) return text
  return t('preview.said', { name: isOwnPerson(view, last.sender) ? t('thread.own') : nameOf(conversation, last.sender), text })
}
