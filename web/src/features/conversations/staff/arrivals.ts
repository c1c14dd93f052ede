/** Says when somebody just became a customer. Their conversation is on top of the list by itself. */
import { watch } from 'vue'
import type { Customer } from '@/contract/types'
import { api } from '@/features/identity/staff/session'
import { nowMicros } from '@/shared/format'
import { toast } from '@/ui'
import { peerOf } from '../components'
import { useConversations } from '../store'
import { t } from './messages'
import { staffView } from './viewpoint'

const JUST_NOW_US = 2 * 60 * 1_000_000
const SHOWN_MS = 10_000

export function useArrivals(open: (conversationId: string) => void): void {
  const list = useConversations('all')
  const known = new Set<string>()
  let isFirst = true

  watch(
    [list.rows, list.loaded],
    ([rows, loaded]) => {
      const fresh = rows.map((row) => row.conversation).filter(({ kind, conversation_id }) => kind === 'customer' && !known.has(conversation_id))
      for (const { conversation_id } of fresh) known.add(conversation_id)
      // What was there when the app opened is no news.
      if (isFirst) {
        isFirst = !loaded
        return
      }
      for (const conversation of fresh) {
        const peer = peerOf(conversation, staffView.value)
        if (peer !== null && nowMicros() - conversation.last_at < JUST_NOW_US) void announce(peer.id.slice(2), conversation.conversation_id)
      }
    },
    { immediate: true },
  )

  // An old customer who writes again is new to this list too; only the relation's age tells.
  const announce = async (externalUserid: string, conversationId: string) => {
    const customer = await api.get<Customer>(`customers/${encodeURIComponent(externalUserid)}`).catch(() => null)
    if (customer === null || nowMicros() - customer.related_at > JUST_NOW_US) return
    // A code that fills the screen has done its work, and nothing is seen above it.
    if (document.fullscreenElement !== null) await document.exitFullscreen().catch(() => undefined)
    toast({
      tone: 'ok',
      text: t('arrival.text', { name: customer.remark ?? customer.name }),
      duration: SHOWN_MS,
      action: { label: t('arrival.open'), run: () => open(conversationId) },
    })
  }
}
