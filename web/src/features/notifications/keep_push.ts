/** Keeps this device's subscription true to who is signed in: renewed at a start, gone with the session. */
import { watch } from 'vue'
import type { Session } from '@/features/identity/session'
import { isPushWanted } from '@/shared/pwa/wanted'

export function keepPush<Me>({ api, status, onEnd }: Session<Me>): void {
  const push = () => import('@/shared/pwa/push')
  // Offline, or a push service that does not answer: the next start tries again.
  const quietly = (work: Promise<void>) => void work.catch(() => undefined)
  watch(status, (now) => {
    if (now === 'signed_in' && isPushWanted(api.surface)) quietly(push().then(({ renewPush }) => renewPush(api)))
  })
  onEnd(() => {
    if (isPushWanted(api.surface)) quietly(push().then(({ forgetPush }) => forgetPush(api)))
  })
}
