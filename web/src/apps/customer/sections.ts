/** The navigation of this app, in its order. */
import { MessageCircle, UserRound } from '@lucide/vue'
import { computed, type Ref } from 'vue'
import { t } from '@/features/conversations/consumer/messages'
import { t as identity } from '@/features/identity/consumer/messages'
import type { Counts } from '@/features/conversations/store'
import type { NavSection } from '@/ui'

export function useSections(counts: Readonly<Ref<Counts>>) {
  return computed<NavSection[]>(() => [
    { key: 'chats', label: t('list.title'), icon: MessageCircle, to: '/c/', count: counts.value.unread },
    { key: 'me', label: identity('me.title'), icon: UserRound, to: '/c/me' },
  ])
}
