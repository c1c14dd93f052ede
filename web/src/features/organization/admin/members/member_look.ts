/** How a member's standing reads: one word, and a colour that only underlines it. */
import type { Member } from '@/contract/generated'
import type { Tone } from '@/ui'
import { t } from './messages'

export const STATUSES = ['invited', 'active', 'suspended', 'departed'] as const
export const ROLES = ['member', 'admin', 'owner'] as const

const TONES: Record<Member['status'], Tone> = { invited: 'wait', active: 'ok', suspended: 'danger', departed: 'neutral' }

export const statusChip = (status: Member['status']) => ({ label: t(`status.${status}`), tone: TONES[status] })

/** Why customers cannot meet this member; null when they can. */
export function whyNotServing(member: Member): string | null {
  if (member.status !== 'active') return t('serving.status', { status: t(`status.${member.status}`) })
  if (member.real_name_verified_at === null) return t('serving.unverified')
  return member.serves_customers ? null : t('serving.scope')
}
