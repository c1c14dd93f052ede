/** The conversations of whoever is signed in here: started once, carried over when a guest becomes a known consumer. */
import { watch } from 'vue'
import type { ConsumerMe } from '@/contract/types'
import { endConversations, startConversations, type EndReason } from '@/features/conversations/store'
import { t } from '@/features/identity/consumer/messages'
import { currentLocale } from '@/shared/i18n'
import { ApiProblem, Offline } from '@/shared/net/problems'
import { toast } from '@/ui'
import { remembered, session } from './session'

let account: string | null = null
/** Who was here before a sign-in by phone: what that guest had not sent yet goes along. */
let former: string | null = null
let isLeaving = false

/** This person is signing out here, of their own accord. */
export const leavesByChoice = () => isLeaving

export function converse(): void {
  const consumerId = session.me.value?.consumer_id ?? remembered()
  if (consumerId === null || consumerId === account) return
  const formerly = account ?? former
  account = consumerId
  void startConversations({ surface: 'consumer', account: consumerId, formerly, userid: null, locale: currentLocale, onEnded })
}

/** Before a sign-in by phone: merging ends the guest's session, and that must not look like a revocation. */
export async function pauseConversing(): Promise<void> {
  former = account ?? former
  account = null
  await endConversations('left')
}

/** Signs out on the server, then removes what this device keeps. Offline it fails and everything stays. */
export async function signOut(): Promise<void> {
  isLeaving = true
  try {
    await session.signOut()
    account = former = null
    await endConversations('signed_out')
  } finally {
    isLeaving = false
  }
}

function onEnded(reason: EndReason): void {
  if (reason === 'left') return
  account = null
  if (reason === 'replaced') location.reload()
  else if (session.status.value !== 'signed_out' && !isLeaving) void askWhetherOver(reason)
}

/** The server knows: the session is over, and the router leads to the sign-in; or another tab signed in meanwhile. */
async function askWhetherOver(reason: EndReason): Promise<void> {
  try {
    session.signedIn(await session.api.get<ConsumerMe>('me'))
    converse()
  } catch (error) {
    if (!(error instanceof ApiProblem || error instanceof Offline)) throw error
    if (reason === 'revoked' && error instanceof ApiProblem && error.status === 401) toast({ text: t('ended.revoked'), duration: 0 })
  }
}

session.onEnd(() => {
  if (!isLeaving) void endConversations('expired')
})
watch(session.me, (me) => {
  if (me !== null && account !== null && me.consumer_id !== account) converse()
})
