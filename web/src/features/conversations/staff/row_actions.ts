/** What can be done with a conversation: by menu, right click, swipe, and from its head. All of it can be undone. */
import { BellOff, Bell, CircleCheck, Mail, MailOpen, Pin, PinOff } from '@lucide/vue'
import type { Conversation } from '@/contract/types'
import { toast, toastUndo } from '@/ui'
import type { Icon, MenuItem } from '@/ui'
import { titleOf } from '../components'
import { hasUnread } from '../store'
import type { Settings } from '../store'
import { doneSoon, holdDone, undoDone } from './done'
import { t } from './messages'
import { staffView } from './viewpoint'

export type Change = (conversationId: string, settings: Settings) => Promise<void>

export interface RowAction extends MenuItem {
  readonly key: 'done' | 'unread' | 'pin' | 'mute'
  readonly icon: Icon
}

export function rowActions(conversation: Conversation, change: Change): RowAction[] {
  const id = conversation.conversation_id
  const { pinned, muted } = conversation
  const apply = (settings: Settings, back: Settings, said: string) => async () => {
    try {
      await change(id, settings)
      toastUndo(said, () => void change(id, back).catch(complain))
    } catch {
      complain()
    }
  }
  const done: RowAction[] = isWaiting(conversation) ? [{ key: 'done', label: t('row.done'), icon: CircleCheck, run: () => finish(conversation, change) }] : []
  /** What has unread messages is read by opening it, not from outside. */
  const mark: RowAction[] = hasUnread(conversation) && !conversation.marked_unread ? [] : [
    {
      key: 'unread',
      label: t(conversation.marked_unread ? 'row.mark_read' : 'row.mark_unread'),
      icon: conversation.marked_unread ? MailOpen : Mail,
      run: () => void apply(
        { marked_unread: !conversation.marked_unread },
        { marked_unread: conversation.marked_unread },
        t(conversation.marked_unread ? 'row.did.mark_read' : 'row.did.mark_unread'),
      )(),
    },
  ]
  return [
    ...done,
    ...mark,
    {
      key: 'pin',
      label: t(pinned ? 'row.unpin' : 'row.pin'),
      icon: pinned ? PinOff : Pin,
      run: () => void apply({ pinned: !pinned }, { pinned }, t(pinned ? 'row.did.unpin' : 'row.did.pin'))(),
    },
    {
      key: 'mute',
      label: t(muted ? 'row.unmute' : 'row.mute'),
      icon: muted ? Bell : BellOff,
      run: () => void apply({ muted: !muted }, { muted }, t(muted ? 'row.did.unmute' : 'row.did.mute'))(),
    },
  ]
}

export function isWaiting(conversation: Conversation): boolean {
  return conversation.waiting_since !== null && !doneSoon.value.has(conversation.conversation_id)
}

export function finish(conversation: Conversation, change: Change): void {
  const id = conversation.conversation_id
  holdDone(id, () => change(id, { waiting: false }).catch(complain))
  toastUndo(t('row.did.done', { name: titleOf(conversation, staffView.value) }), () => undoDone(id))
}

function complain(): void {
  toast({ tone: 'danger', text: t('row.change_failed') })
}
