/** Who is signed in to the console. Times are shown in that corp's zone, texts in the account's language until one is chosen here. */
import { computed, watch } from 'vue'
import type { Member, StaffMe } from '@/contract/generated'
import { setTimeZone } from '@/shared/format'
import { hasChosenLocale, setLocale } from '@/shared/i18n'
import { createSession } from '../session'

export const session = createSession<StaffMe>('admin')
export const api = session.api

watch(session.me, (me) => {
  if (me === null) return
  setTimeZone(me.corp.time_zone)
  if (!hasChosenLocale()) void setLocale(me.locale, { remember: false })
}, { flush: 'sync' })

export const isOwner = computed(() => session.me.value?.member.role === 'owner')

/** Owners act on everybody, administrators on plain members and themselves; the server decides, this spares the attempt. */
export function canManage(member: Pick<Member, 'userid' | 'role'>): boolean {
  return isOwner.value || member.role === 'member' || member.userid === session.me.value?.member.userid
}
