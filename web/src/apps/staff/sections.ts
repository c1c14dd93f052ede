/** The navigation of this app, in its order. */
import { CircleUserRound, MessageSquareText, QrCode, Users } from '@lucide/vue'
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import { useConversations } from '@/features/conversations/store'
import type { NavSection } from '@/ui'
import { t } from './messages'

export function useSections(): ComputedRef<NavSection[]> {
  const { counts } = useConversations('all')
  return computed(() => [
    { key: 'messages', label: t('nav.messages'), icon: MessageSquareText, to: '/', count: counts.value.unread },
    { key: 'contacts', label: t('nav.contacts'), icon: Users, to: '/contacts' },
    { key: 'code', label: t('nav.code'), icon: QrCode, to: '/code' },
    { key: 'me', label: t('nav.me'), icon: CircleUserRound, to: '/me', end: true },
  ])
}
