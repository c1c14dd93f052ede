/** Colleagues and departments, as the staff surface serves them. */
import type { Department, Member, Page } from '@/contract/types'
import { api } from '@/features/identity/staff/session'

export interface MemberQuery {
  readonly search: string
  readonly department: number | null
}

export function listMembers(query: MemberQuery, after: string | null, signal?: AbortSignal, limit = 50): Promise<Page<Member>> {
  const asked = { search: query.search === '' ? null : query.search, department: query.department, after, limit }
  return api.get('members', { query: asked, ...(signal && { signal }) })
}

export async function listDepartments(): Promise<Department[]> {
  return (await api.get<Page<Department>>('departments')).items
}

export function getMember(userid: string): Promise<Member> {
  return api.get(`members/${encodeURIComponent(userid)}`)
}

/** From the root down to a department. */
export function pathTo(departments: readonly Department[], id: number | null): Department[] {
  const path: Department[] = []
  for (let at = departments.find((each) => each.id === id); at !== undefined; ) {
    path.unshift(at)
    const parent: number | null = at.parent_id
    at = departments.find((each) => each.id === parent)
  }
  return path
}

export function childrenOf(departments: readonly Department[], id: number): Department[] {
  return departments.filter((each) => each.parent_id === id).sort((one, other) => one.order - other.order || one.id - other.id)
}

export function rootOf(departments: readonly Department[]): Department | null {
  return departments.find((each) => each.parent_id === null) ?? null
}

/** 陈晓明（小明） */
export function fullName(member: Pick<Member, 'name' | 'alias'>): string {
  return member.alias && member.alias !== member.name ? `${member.name}（${member.alias}）` : member.name
}
