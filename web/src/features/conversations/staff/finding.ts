/** What the switcher finds: conversations held here at once, customers and colleagues from the server a moment later. */
import { computed } from 'vue'
import type { ComputedRef } from 'vue'
import type { Customer, Member, Page } from '@/contract/types'
import { account, api } from '@/features/identity/staff/session'
import { fullName, listMembers } from '@/features/organization/staff/members'
import { useAnswer } from '@/shared/net/use_answer'
import { peerOf, titleOf } from '../components'
import { useConversations } from '../store'
import { t } from './messages'
import { staffView } from './viewpoint'

export interface Found {
  readonly key: string
  readonly group: string
  readonly avatar: { readonly id: string; readonly src: string | null }
  readonly name: string
  readonly hint: string
  readonly target: { readonly conversation: string } | { readonly userid: string }
}

const MOST = 8

export function useFinding(text: () => string): { found: ComputedRef<Found[]>; busy: ComputedRef<boolean>; offline: ComputedRef<boolean> } {
  const list = useConversations('all')
  const asked = () => (text() === '' ? null : text())
  const customers = useAnswer<Page<Customer>>(asked, (search, signal) => api.get('customers', { query: { search, limit: MOST }, signal }))
  const members = useAnswer<Page<Member>>(asked, (search, signal) => listMembers({ search, department: null }, null, signal, MOST))

  const local = computed<Found[]>(() => {
    const wanted = text().toLocaleLowerCase()
    return list.rows.value
      .map(({ conversation }) => ({ conversation, title: titleOf(conversation, staffView.value), peer: peerOf(conversation, staffView.value) }))
      .filter(({ title }) => title.toLocaleLowerCase().includes(wanted))
      .slice(0, MOST)
      .map(({ conversation, title, peer }) => ({
        key: conversation.conversation_id,
        group: t(wanted === '' ? 'switch.recent' : 'switch.conversations'),
        avatar: { id: peer?.id ?? conversation.conversation_id, src: peer?.avatar_url ?? null },
        name: title,
        hint: conversation.kind === 'group' ? t('chat.members', { count: conversation.people_count }) : (peer?.post ?? ''),
        target: { conversation: conversation.conversation_id },
      }))
  })

  const found = computed<Found[]>(() => {
    if (text() === '') return local.value
    const known = new Set(local.value.map((each) => each.key))
    const peers = new Set(local.value.map((each) => each.avatar.id))
    const ofCustomers = (customers.data.value?.items ?? []).flatMap((customer): Found[] => {
      if (customer.conversation_id === null || known.has(customer.conversation_id)) return []
      return [{
        key: customer.external_userid,
        group: t('switch.customers'),
        avatar: { id: `c:${customer.external_userid}`, src: customer.avatar_url },
        name: customer.remark ?? customer.name,
        hint: [customer.remark ? customer.name : null, customer.company].filter(Boolean).join(' · '),
        target: { conversation: customer.conversation_id },
      }]
    })
    const ofMembers = (members.data.value?.items ?? [])
      .filter((member) => member.userid !== account.value?.userid && !peers.has(`m:${member.userid}`))
      .map((member): Found => ({
        key: member.userid,
        group: t('switch.members'),
        avatar: { id: `m:${member.userid}`, src: member.avatar_url },
        name: fullName(member),
        hint: member.post ?? '',
        target: { userid: member.userid },
      }))
    return [...local.value, ...ofCustomers, ...ofMembers]
  })

  return {
    found,
    busy: computed(() => customers.busy.value || members.busy.value),
    offline: computed(() => customers.error.value !== null && members.error.value !== null),
  }
}
