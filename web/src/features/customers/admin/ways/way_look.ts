import type { ContactWay } from '@/contract/generated'
import type { Tone } from '@/ui'
import { t } from './messages'

export const STATUSES = ['open', 'expired', 'closed'] as const
const TONES: Record<ContactWay['status'], Tone> = { open: 'ok', expired: 'wait', closed: 'neutral' }

export const statusChip = (status: ContactWay['status']) => ({ label: t(`status.${status}`), tone: TONES[status] })
