/** Signing in brings the conversations along, signing out takes them away. */
import type { EndReason } from '@/features/conversations/store'
import { endConversations, startConversations } from '@/features/conversations/store'
import { account, api, session } from '@/features/identity/staff/session'
import { keepPush } from '@/features/notifications/keep_push'
import { currentLocale } from '@/shared/i18n'

export { session }

let startedFor: string | null = null
let isLeaving = false

/** This person is signing out here, of their own accord. */
export const leavesByChoice = () => isLeaving

/** Asked before every screen that needs a sign-in. */
export async function isReady(): Promise<boolean> {
  if (!(await session.isSignedIn())) return false
  const who = account.value
  if (who === null) return false
  const key = `${who.corp_id}/${who.userid}`
  if (startedFor !== key) {
    startedFor = key
    await startConversations({ surface: 'staff', account: key, userid: who.userid, locale: currentLocale, onEnded })
  }
  return true
}

export async function signOut(): Promise<void> {
  isLeaving = true
  try {
    await session.signOut()
  } finally {
    isLeaving = false
  }
}

keepPush(session)
session.onEnd(() => void endConversations(isLeaving ? 'signed_out' : 'expired'))

function onEnded(reason: EndReason): void {
  startedFor = null
  // Another account signed in in another tab: this page starts anew as that one.
  if (reason === 'replaced') location.reload()
  // The server's answer, not the socket's word, ends the session here; signing out is such an answer.
  else if (reason !== 'left' && !isLeaving && session.status.value !== 'signed_out') api.get('me').catch(() => undefined)
}
