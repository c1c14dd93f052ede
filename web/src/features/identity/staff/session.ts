/** The member who is signed in here. Ids are kept, so that the app starts with what this device has before the server answers. */
import { computed, ref, watch } from 'vue'
import type { StaffMe } from '@/contract/types'
import { setTimeZone } from '@/shared/format'
import { hasChosenLocale, setLocale } from '@/shared/i18n'
import { createSession } from '../session'

export interface StaffAccount {
  readonly corp_id: string
  readonly userid: string
  readonly time_zone: string
}

const ACCOUNT_KEY = 'rapport.staff.account'

export const session = createSession<StaffMe>('staff')
export const api = session.api
export const me = session.me

const kept = ref<StaffAccount | null>(readAccount())
export const account = computed(() => kept.value)
/** `m:<userid>` of the one who is signed in. */
export const ownId = computed(() => (kept.value === null ? null : `m:${kept.value.userid}`))

watch(
  me,
  (who) => {
    if (who === null) return
    kept.value = { corp_id: who.corp.corp_id, userid: who.member.userid, time_zone: who.corp.time_zone }
    localStorage.setItem(ACCOUNT_KEY, JSON.stringify(kept.value))
    setTimeZone(who.corp.time_zone)
    if (!hasChosenLocale()) void setLocale(who.locale, { remember: false })
  },
  { flush: 'sync' },
)
if (kept.value !== null) setTimeZone(kept.value.time_zone)

session.onEnd(() => {
  kept.value = null
  localStorage.removeItem(ACCOUNT_KEY)
})

/** After a change of one's own profile. */
export function keepMe(who: StaffMe): void {
  session.signedIn(who)
}

function readAccount(): StaffAccount | null {
  try {
    const read = JSON.parse(localStorage.getItem(ACCOUNT_KEY) ?? 'null') as Partial<StaffAccount> | null
    if (typeof read?.corp_id !== 'string' || typeof read.userid !== 'string' || typeof read.time_zone !== 'string') return null
    return { corp_id: read.corp_id, userid: read.userid, time_zone: read.time_zone }
  } catch {
    return null
  }
}
