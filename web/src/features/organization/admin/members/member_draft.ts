/** What a member's form holds, and what of it goes to the server. */
import type { Member, MemberPatch, NewMember } from '@/contract/generated'

export interface MemberDraft {
  userid: string
  name: string
  alias: string
  post: string
  phone: string
  store_name: string
  store_address: string
  hours: string
  introduction: string
  departments: string[]
  role: Member['role']
  serves_customers: boolean
}

const TEXTS = ['alias', 'post', 'phone', 'store_name', 'store_address', 'hours', 'introduction'] as const

export function emptyDraft(department?: number): MemberDraft {
  return {
    userid: '', name: '', alias: '', post: '', phone: '', store_name: '', store_address: '', hours: '', introduction: '',
    departments: [String(department ?? 1)], role: 'member', serves_customers: true,
  }
}

export function draftOf(member: Member): MemberDraft {
  const texts = Object.fromEntries(TEXTS.map((key) => [key, member[key] ?? ''])) as Record<(typeof TEXTS)[number], string>
  return {
    ...texts, userid: member.userid, name: member.name, departments: member.departments.map(String), role: member.role,
    serves_customers: member.serves_customers,
  }
}

const given = (text: string) => text.trim() || null

export function newMember(draft: MemberDraft): NewMember {
  const texts = Object.fromEntries(TEXTS.map((key) => [key, given(draft[key])])) as Record<(typeof TEXTS)[number], string | null>
  return {
    ...texts, userid: draft.userid.trim(), name: draft.name.trim(), departments: draft.departments.map(Number), role: draft.role,
    serves_customers: draft.serves_customers,
  }
}

/** Only what differs: two administrators who edit different fields do not undo each other. */
export function patchOf(before: Member, draft: MemberDraft): MemberPatch {
  const patch: MemberPatch = {}
  for (const key of TEXTS) if (given(draft[key]) !== before[key]) patch[key] = given(draft[key])
  if (draft.name.trim() !== before.name) patch.name = draft.name.trim()
  if (draft.role !== before.role) patch.role = draft.role
  if (draft.serves_customers !== before.serves_customers) patch.serves_customers = draft.serves_customers
  const departments = draft.departments.map(Number).sort((first, second) => first - second)
  if (departments.join() !== [...before.departments].sort((first, second) => first - second).join()) patch.departments = departments
  return patch
}
