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
