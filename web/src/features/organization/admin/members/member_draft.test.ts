import { expect, it } from 'vitest'
import type { Member } from '@/contract/generated'
import { draftOf, emptyDraft, newMember, patchOf } from './member_draft'

const MEMBER: Member = {
  userid: 'xiaoming', name: '陈晓明', alias: null, post: '导购', phone: '+8613800138000', store_name: null, store_address: null, hours: null,
  introduction: null, avatar_url: null, departments: [3, 2], role: 'member', status: 'active', real_name_verified_at: null, window_id: 'w',
  serves_customers: true, created_at: 0, last_seen_at: null,
}

it('sends nothing when nothing changed', () => {
  expect(patchOf(MEMBER, draftOf(MEMBER))).toEqual({})
})

it('sends what differs, and null for what was emptied', () => {
  const draft = { ...draftOf(MEMBER), post: ' ', name: '陈小明 ', departments: ['2'], role: 'admin' as const, serves_customers: false }
  expect(patchOf(MEMBER, draft)).toEqual({ post: null, name: '陈小明', departments: [2], role: 'admin', serves_customers: false })
})

it('makes a new member of a form, with null where nothing was typed', () => {
  expect(newMember({ ...emptyDraft(4), userid: ' li ', name: '李' })).toMatchObject({ userid: 'li', name: '李', departments: [4], phone: null, alias: null })
})
