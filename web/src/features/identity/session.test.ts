import { expect, it, vi } from 'vitest'
import { createSession } from './session'

interface Me { session_id: string }
const answer = (status: number, body: unknown) => Promise.resolve(new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } }))

function network(...answers: (() => Promise<Response>)[]) {
  const fetch = vi.fn(() => answers.shift()?.() ?? Promise.reject(new TypeError('offline')))
  vi.stubGlobal('fetch', fetch)
  return fetch
}

const refused = () => answer(401, { code: 'not_signed_in', status: 401, title: '', detail: '', fields: [] })
const known = () => answer(200, { session_id: 's1' })

it('asks once who it is, however many screens want to know', async () => {
  const fetch = network(known)
  const session = createSession<Me>('staff')
  expect(await Promise.all([session.isSignedIn(), session.isSignedIn()])).toEqual([true, true])
  expect(await session.isSignedIn()).toBe(true)
  expect(session.me.value).toEqual({ session_id: 's1' })
  expect(fetch).toHaveBeenCalledOnce()
})

it('starts without a network as it was left', async () => {
  network(known)
  await createSession<Me>('staff').isSignedIn()
  network()
  expect(await createSession<Me>('staff').isSignedIn()).toBe(true)
  expect(await createSession<Me>('admin').isSignedIn()).toBe(false)
})

it('ends when the server says so, tells whoever wants to know, and does not ask again', async () => {
  const fetch = network(known, refused)
  const session = createSession<Me>('staff')
  await session.isSignedIn()
  const told = vi.fn()
  session.onEnd(told)
  await expect(session.api.get('conversations')).rejects.toMatchObject({ status: 401 })
  expect(told).toHaveBeenCalledOnce()
  expect([session.me.value, await session.isSignedIn()]).toEqual([null, false])
  expect(fetch).toHaveBeenCalledTimes(2)
})

it('stays signed in when signing out does not reach the server', async () => {
  network(known)
  const session = createSession<Me>('staff')
  await session.isSignedIn()
  await expect(session.signOut()).rejects.toThrow()
  expect(await session.isSignedIn()).toBe(true)
})
