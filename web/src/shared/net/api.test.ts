import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createApi } from './api'
import type { Api } from './api'
import { newClientId } from './ids'
import { ApiProblem, Offline } from './problems'

type Answer = (request: { url: string; init: RequestInit }) => Response | Promise<Response>

let api: Api
let asked: { url: string; init: RequestInit }[]
let signedOut: ApiProblem[]

function answer(...answers: Answer[]): void {
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const request = { url, init }
    asked.push(request)
    const next = answers[Math.min(asked.length, answers.length) - 1]
    return next?.(request) ?? Promise.reject(new TypeError('Failed to fetch'))
  })
}

function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  return Response.json(
    {
      type: 'about:blank',
      title: 'T',
      status,
      code,
      detail: 'D',
      errcode: 1,
      fields: [{ path: 'a', problem: 'b' }],
      trace: 't',
    },
    { status, headers },
  )
}

const cut: Answer = () => Promise.reject(new TypeError('Failed to fetch'))
const header = (index: number, name: string) => new Headers(asked[index]?.init.headers).get(name)

beforeEach(() => {
  asked = []
  signedOut = []
  vi.spyOn(Math, 'random').mockReturnValue(0)
  api = createApi({ surface: 'staff', locale: () => 'zh-CN', onSignedOut: (each) => signedOut.push(each) })
})

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('a call', () => {
  it('goes to its surface with the language and the header against forgery', async () => {
    answer(() => Response.json({ ok: 1 }))
    expect(await api.get('members', { query: { search: '小 红', after: null, limit: 3 } })).toEqual({ ok: 1 })
    expect(asked[0]?.url).toBe('/api/staff/members?search=%E5%B0%8F+%E7%BA%A2&limit=3')
    expect([header(0, 'X-Rapport'), header(0, 'Accept-Language')]).toEqual(['1', 'zh-CN'])
  })

  it('refused becomes a problem with all that the server said', async () => {
    answer(() => problem(429, 'slow_down', { 'Retry-After': '7' }))
    const error = await api.post('x', {}).catch((each: unknown) => each)
    expect(error).toBeInstanceOf(ApiProblem)
    expect(error).toMatchObject({
      status: 429,
      code: 'slow_down',
      title: 'T',
      detail: 'D',
      retry_after: 7,
      fields: [{ path: 'a', problem: 'b' }],
    })
    expect(asked).toHaveLength(1)
  })

  it('answered by a proxy’s page is a problem as well', async () => {
    answer(() => new Response('<html>Bad gateway</html>', { status: 502 }))
    await expect(api.get('x')).rejects.toMatchObject({ status: 502, code: 'try_again', passing: true })
  })

  it('without an answer is offline, and so is one that takes too long', async () => {
    answer(cut)
    await expect(api.get('x')).rejects.toBeInstanceOf(Offline)
    answer(
      ({ init }) =>
        new Promise((_resolve, reject) => init.signal?.addEventListener('abort', () => reject(new Error('aborted')))),
    )
    await expect(api.get('x', { timeoutMs: 5 })).rejects.toBeInstanceOf(Offline)
  })

  it('given up by its caller is an abort, not an outage', async () => {
    const stop = new AbortController()
    answer(
      ({ init }) =>
        new Promise((_resolve, reject) => init.signal?.addEventListener('abort', () => reject(new Error('aborted')))),
    )
    const call = api.get('x', { signal: stop.signal })
    stop.abort()
    await expect(call).rejects.toMatchObject({ name: 'AbortError' })
  })

  it('after the session ended tells the app, but not when a password was wrong', async () => {
    answer(
      () => problem(401, 'wrong_credentials'),
      () => problem(401, 'not_signed_in'),
    )
    await expect(api.post('sign-in', {})).rejects.toBeInstanceOf(ApiProblem)
    expect(signedOut).toEqual([])
    await expect(api.get('me')).rejects.toBeInstanceOf(ApiProblem)
    expect(signedOut).toHaveLength(1)
  })
})

describe('a post', () => {
  it('is tried once', async () => {
    answer(cut)
    await expect(api.post('x', {})).rejects.toBeInstanceOf(Offline)
    expect(asked).toHaveLength(1)
  })

  it('that carries a key is tried again under the same key, and no longer once refused', async () => {
    vi.useFakeTimers()
    answer(
      cut,
      () => problem(503, 'try_again'),
      () => problem(409, 'taken'),
    )
    const call = expect(api.post('x', {}, { idempotency: true })).rejects.toMatchObject({ code: 'taken' })
    await vi.runAllTimersAsync()
    await call
    expect(asked).toHaveLength(3)
    expect(new Set([0, 1, 2].map((index) => header(index, 'Idempotency-Key'))).size).toBe(1)
    expect(header(0, 'Idempotency-Key')).toMatch(/^[0-9A-Z]{16}$/)
  })
})

describe('client ids', () => {
  it('are 26 characters that sort in the order of making, even when the clock goes back', () => {
    const made = [5_000, 5_000, 4_000, 6_000, 6_000].map((now) => newClientId(now))
    expect(made.every((id) => /^[0-9A-HJKMNP-TV-Z]{26}$/.test(id))).toBe(true)
    expect([...made].sort()).toEqual(made)
    expect(new Set(made).size).toBe(5)
  })

  it('need no secure context', () => {
    vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) })
    expect(newClientId()).toHaveLength(26)
  })
})
