import type { StaffMe } from '@/contract/types'
import { createSession } from '@/features/identity/session'

export const session = createSession<StaffMe>('admin')
