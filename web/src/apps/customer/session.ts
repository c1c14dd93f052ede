/** Who is signed in here. The account's id is kept, so that the app starts with what this device has before the server answers. */
import { watch } from 'vue'
import type { ConsumerMe } from '@/contract/types'
import { createSession } from '@/features/identity/session'
import { keepPush } from '@/features/notifications/keep_push'

const ACCOUNT_KEY = 'rapport.consumer'

export const session = createSession<ConsumerMe>('consumer')

watch(session.me, (me) => me && localStorage.setItem(ACCOUNT_KEY, me.consumer_id), { flush: 'sync' })
session.onEnd(forget)
keepPush(session)

/** The consumer id of the last answer; null: nobody is signed in here as far as this device knows. */
export function remembered(): string | null {
  return localStorage.getItem(ACCOUNT_KEY)
}

export function forget(): void {
  localStorage.removeItem(ACCOUNT_KEY)
}
