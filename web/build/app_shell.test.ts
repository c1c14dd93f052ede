import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { renderWorker } from './app_shell.ts'

const source = readFileSync(join(import.meta.dirname, 'service_worker.js'), 'utf8')
const bytes = (text: string) => new TextEncoder().encode(text)
const files = [{ name: 'index.html', content: bytes('shell') }, { name: 'assets/app.js', content: bytes('app') }]
const worker = renderWorker(source, '/staff/', files)

it('has another version as soon as any file changes, and the same one otherwise', () => {
  expect(renderWorker(source, '/staff/', files)).toBe(worker)
  expect(renderWorker(source, '/staff/', [files[0]!, { name: 'assets/app.js', content: bytes('app2') }])).not.toBe(worker)
})

/** Runs the worker against a cache that has the shell and a network that is down. */
function offline() {
  const listeners = new Map<string, (event: unknown) => void>()
  const match = vi.fn(async (request: string | { url: string }) => `kept ${typeof request === 'string' ? request : new URL(request.url).pathname}`)
  const self = { addEventListener: (name: string, run: (event: unknown) => void) => listeners.set(name, run) }
  const run = new Function('self', 'caches', 'location', 'fetch', worker)
  run(self, { match }, { origin: 'https://r.example' }, () => Promise.reject(new Error('offline')))
  return async (path: string, mode = 'cors', method = 'GET') => {
    let answer: unknown = 'not touched'
    listeners.get('fetch')?.({ request: { url: new URL(path, 'https://r.example').href, mode, method }, respondWith: (given: unknown) => (answer = given) })
    return await answer
  }
}

it('starts the app without a network, wherever in it', async () => {
  const ask = offline()
  expect(await ask('/staff/chats/7', 'navigate')).toBe('kept /staff/index.html')
  expect(await ask('/staff/assets/app.js')).toBe('kept /staff/assets/app.js')
})

it.each(['/api/staff/me', '/files/f1', '/q/abc', '/admin/assets/app.js', '/staff/unknown.js', 'https://elsewhere.example/staff/assets/app.js'])('never touches %s', async (path) => {
  expect(await offline()(path)).toBe('not touched')
})

/** Runs the worker with some windows open, and collects what it shows and opens. */
function woken(windows: { url: string; focused: boolean }[]) {
  const listeners = new Map<string, (event: unknown) => void>()
  const shown = vi.fn()
  const openWindow = vi.fn()
  const clients = windows.map((one) => ({ ...one, postMessage: vi.fn(), focus: vi.fn() }))
  const self = {
    addEventListener: (name: string, run: (event: unknown) => void) => listeners.set(name, run),
    clients: { matchAll: async () => clients, openWindow },
    registration: { showNotification: shown },
  }
  new Function('self', 'caches', 'location', 'fetch', worker)(self, {}, {}, null)
  const tell = async (name: string, event: object) => {
    let work: unknown
    listeners.get(name)?.({ ...event, waitUntil: (given: unknown) => (work = given) })
    await work
  }
  const message = { type: 'message', conversation_id: 'c7', tag: 'c7', title: '小明', body: '到货了' }
  return { clients, shown, openWindow, push: (given: object = message) => tell('push', { data: { json: () => given } }), tap: (path: string) => tell('notificationclick', { notification: { close: () => undefined, data: { path } } }) }
}

it('shows a message that came while nobody looked, and leads to its conversation', async () => {
  const away = woken([{ url: 'https://r.example/staff/', focused: false }])
  await away.push()
  expect(away.shown).toHaveBeenCalledWith('小明', expect.objectContaining({ body: '到货了', tag: 'c7', data: { path: '/staff/chats/c7' } }))
  await away.tap('/staff/chats/c7')
  expect(away.clients[0]?.postMessage).toHaveBeenCalledWith({ type: 'open', path: '/staff/chats/c7' })
  expect(away.clients[0]?.focus).toHaveBeenCalled()
})

it('opens the app where none is open, and shows nothing to whoever looks at it', async () => {
  const elsewhere = woken([{ url: 'https://r.example/c/', focused: true }])
  await elsewhere.push()
  expect(elsewhere.shown).toHaveBeenCalledOnce()
  await elsewhere.tap('/staff/chats/c7')
  expect(elsewhere.openWindow).toHaveBeenCalledWith('/staff/chats/c7')
  const here = woken([{ url: 'https://r.example/staff/me', focused: true }])
  await here.push()
  await here.push({ type: 'something newer' })
  expect(here.shown).not.toHaveBeenCalled()
})
