import type { ConsumerMe } from '@/contract/types'
import { createSession } from '@/features/identity/session'

export const session = createSession<ConsumerMe>('consumer')
