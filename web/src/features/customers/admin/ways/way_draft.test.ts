import { expect, it } from 'vitest'
import type { ContactWay } from '@/contract/generated'
import { draftOf, emptyDraft, newWay, patchOf } from './way_draft'

const ZONE = 'Asia/Shanghai'
const UNTIL = Date.UTC(2026, 11, 1, 4, 0, 30) * 1000
const WAY: ContactWay = {
  code: 'c', url: 'u', members: [{ userid: 'a', name: 'A', avatar_url: null }], remark: '海报', state: 'poster', skip_verify: true, exclusive: false,
  greeting: [{ kind: 'text', text: '你好' }], valid_until: UNTIL, status: 'open', created_at: 0, created_by: 'a', accepted: 0,
}

it('sends nothing when nothing changed, seconds of the validity included', () => {
  expect(patchOf(WAY, draftOf(WAY, ZONE), ZONE)).toEqual({})
})

it('sends what differs, and null for a greeting or validity taken away', () => {
  const draft = { ...draftOf(WAY, ZONE), hasGreeting: false, until: '', members: ['a', 'b'], remark: '门口海报 ' }
  expect(patchOf(WAY, draft, ZONE)).toEqual({ greeting: null, valid_until: null, members: ['a', 'b'], remark: '门口海报' })
})

it('makes a code without a greeting of its own where none was written', () => {
  expect(newWay({ ...emptyDraft(), members: ['a'], hasGreeting: true, until: '2026-12-01T12:00' }, ZONE)).toEqual({
    members: ['a'], remark: '', state: '', skip_verify: true, exclusive: false, greeting: null, valid_until: Date.UTC(2026, 11, 1, 4) * 1000,
  })
})
