import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { effectScope, type EffectScope } from 'vue'
import type { Accepted, ContactWayLanding, Window } from '@/contract/types'
import type { Api, PostOptions } from '@/shared/net/api'
import { Offline, parseProblem } from '@/shared/net/problems'
import { lookFirst } from './first_look'
import { useLanding } from './use_landing'

const CORP = { corp_id: 'c1', name: '云杉运动有限公司', short_name: '云杉', badge: '@云杉', verified_at: 1, logo_url: null, time_zone: 'Asia/Shanghai' }
const WINDOW: Window = {
  window_id: 'w1', corp: CORP, userid: 'xiaoming', name: '小明', badge: '@云杉', post: null, phone: null, store_name: null, store_address: null,
  hours: null, introduction: null, avatar_url: null, real_name_verified_at: 1, status: 'active', checked_at: 1,
}
const OPEN: ContactWayLanding = {
  code: 'abc', status: 'open', corp: CORP, window: WINDOW, windows: [WINDOW], skip_verify: true, relation_status: null, ask_again_at: null, conversation_id: null,
}
const CONSUMER = { consumer_id: 'x', nickname: '新朋友', phone: null, guest: true, avatar_url: null, locale: 'zh-CN' as const, session_id: 's', receipts: false, corps: [] }
const ACCEPTED: Accepted = { corp_id: 'c1', userid: 'xiaoming', status: 'active', conversation_id: 'v1', consumer: CONSUMER, new: true }

let scope: EffectScope
let looks: (() => ContactWayLanding)[]
let accepts: (() => Accepted)[]
let keys: (string | true | undefined)[]

function open() {
  const onAccepted = vi.fn()
  const api = {
    url: (path: string) => `/api/consumer/${path}`,
    get: () => Promise.resolve().then(() => (looks.length > 1 ? looks.shift() : looks[0])?.()),
    post: (_path: string, _body: unknown, options: PostOptions) => {
      keys.push(options.idempotency)
      return Promise.resolve().then(() => (accepts.length > 1 ? accepts.shift() : accepts[0])?.())
    },
  } as unknown as Api
  const page = scope.run(() => useLanding({ code: 'abc', api, device: 'test', onAccepted }))
  if (page === undefined) throw new Error('The scope is over.')
  return { ...page, onAccepted }
}

const fails = (error: Error) => () => {
  throw error
}
const refused = (status: number, code: string) => fails(parseProblem(status, { code, detail: code }))

beforeEach(() => {
  localStorage.clear()
  scope = effectScope()
  looks = [() => OPEN]
  accepts = [() => ACCEPTED]
  keys = []
})
afterEach(() => scope.stop())

describe('what the page of a code says', () => {
  test.each<[string, Partial<ContactWayLanding>, string]>([
    ['an open code invites', {}, 'open'],
    ['a closed code says so', { status: 'closed' }, 'closed'],
    ['an expired code says so', { status: 'expired' }, 'expired'],
    ['a code whose people cannot serve says that', { status: 'closed', windows: [] }, 'nobody'],
    ['a code without anybody says that', { window: null, windows: [] }, 'nobody'],
    ['who accepted goes on, even after the code was closed', { status: 'closed', relation_status: 'active', conversation_id: 'v1' }, 'met'],
    ['a request waits', { relation_status: 'requested' }, 'waiting'],
    ['a declined request is said', { relation_status: 'declined', ask_again_at: 9 }, 'declined'],
    ['a declined request can be repeated after a pause', { relation_status: 'declined' }, 'open'],
    ['an unanswered request can be repeated', { relation_status: 'expired' }, 'open'],
    ['an ended relation can begin again', { relation_status: 'deleted_by_customer', conversation_id: 'v1' }, 'ended'],
    ['an ended relation behind a closed code cannot', { relation_status: 'blocked_by_customer', status: 'closed' }, 'closed'],
  ])('%s', async (_name, change, step) => {
    looks = [() => ({ ...OPEN, ...change })]
    const page = open()
    expect(page.step.value).toBe('loading')
    await flushPromises()
    expect(page.step.value).toBe(step)
  })

  test('an unknown code, no network and a broken server are three things', async () => {
    for (const [answer, step] of [[refused(404, 'not_found'), 'unknown'], [fails(new Offline('no connection')), 'offline'], [refused(503, 'try_again'), 'failed']] as const) {
      looks = [answer]
      const page = open()
      await flushPromises()
      expect(page.step.value).toBe(step)
    }
  })

  test('the page opens by itself when the network is back', async () => {
    looks = [fails(new Offline('no connection')), () => OPEN]
    const page = open()
    await flushPromises()
    dispatchEvent(new Event('online'))
    await flushPromises()
    expect(page.step.value).toBe('open')
  })

  test('what is read already stays when the network goes', async () => {
    looks = [() => OPEN, fails(new Offline('no connection'))]
    const page = open()
    await flushPromises()
    await page.look()
    expect(page.step.value).toBe('open')
  })

  test('the answer that was asked for first is used, and only when it is one', async () => {
    const answers = [Response.json({ ...OPEN, status: 'expired' }), new Response('{}', { status: 500 })]
    vi.stubGlobal('fetch', () => Promise.resolve(answers.shift()))
    for (const step of ['expired', 'open']) {
      lookFirst('/api/consumer/contact-ways/abc')
      const page = open()
      await flushPromises()
      await flushPromises()
      expect(page.step.value).toBe(step)
    }
    vi.unstubAllGlobals()
  })
})

describe('accepting', () => {
  test('a second tap while the first is under way does nothing', async () => {
    const page = open()
    await flushPromises()
    await Promise.all([page.accept(), page.accept()])
    expect(keys).toHaveLength(1)
    expect(page.onAccepted).toHaveBeenCalledExactlyOnceWith(ACCEPTED)
  })

  test('after a lost answer the same key is sent when the network is back, and the next time a new one', async () => {
    accepts = [fails(new Offline('no answer in time')), () => ACCEPTED]
    const page = open()
    await flushPromises()
    await page.accept()
    expect(page.problem.value).toBeInstanceOf(Offline)
    expect(page.step.value).toBe('open')
    dispatchEvent(new Event('online'))
    await flushPromises()
    expect(page.onAccepted).toHaveBeenCalledOnce()
    expect(page.problem.value).toBeNull()
    await page.accept()
    expect(String(keys[0]).length).toBeGreaterThanOrEqual(22)
    expect(keys[1]).toBe(keys[0])
    expect(keys[2]).not.toBe(keys[0])
  })

  test('a code that was closed meanwhile shows as closed', async () => {
    looks = [() => OPEN, () => ({ ...OPEN, status: 'closed' })]
    accepts = [refused(410, 'contact_way_closed')]
    const page = open()
    await flushPromises()
    await page.accept()
    expect(page.step.value).toBe('closed')
  })

  test('a code that asks for consent leads to waiting', async () => {
    looks = [() => ({ ...OPEN, skip_verify: false }), () => ({ ...OPEN, relation_status: 'requested' })]
    accepts = [() => ({ ...ACCEPTED, status: 'requested', conversation_id: null })]
    const page = open()
    await flushPromises()
    await page.accept()
    expect(page.step.value).toBe('waiting')
  })

  test('another tab that accepted makes this one go on', async () => {
    looks = [() => OPEN, () => ({ ...OPEN, relation_status: 'active', conversation_id: 'v1' })]
    const page = open()
    await flushPromises()
    dispatchEvent(new StorageEvent('storage', { key: 'rapport.accept.abc', newValue: null }))
    await flushPromises()
    expect(page.step.value).toBe('met')
  })
})
