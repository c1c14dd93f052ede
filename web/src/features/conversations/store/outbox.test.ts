import { IDBFactory } from 'fake-indexeddb'
import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ApiProblem, Offline } from '../../../shared/net/problems'
import type { Attachment } from './model'
import { FakeLocks } from './testing/fake_locks'
import { FakeDelivery, openTab } from './testing/tab'
import type { Tab } from './testing/tab'

vi.setConfig({ testTimeout: 30_000 })
const until = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: 15_000, interval: 10 })

let open: Tab[] = []
let delivery: FakeDelivery

async function tab(): Promise<Tab> {
  const opened = await openTab(delivery)
  open.push(opened)
  return opened
}

function close(closed: Tab): void {
  closed.close()
  open = open.filter((each) => each !== closed)
}

function problem(status: number, code: string): ApiProblem {
  return new ApiProblem({
    type: 'about:blank',
    title: 'No',
    status,
    code,
    detail: 'Refused.',
    errcode: null,
    fields: [],
    trace: null,
  })
}

function picture(): Attachment {
  const blob = new Blob(['picture'], { type: 'image/png' })
  return { kind: 'image', name: 'a.png', mime: 'image/png', size: blob.size, duration_ms: null, blob }
}

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory()
  delivery = new FakeDelivery()
})

afterEach(() => {
  for (const each of open) each.close()
  open = []
})

describe('the outgoing queue', () => {
  it('keeps a message before it shows it, and sends in order', async () => {
    const one = await tab()
    one.reachable = false
    for (const text of ['1', '2', '3']) await one.write('a', `client-${text}`, text)
    expect(await one.database.count('outbox')).toBe(3)
    expect([...one.echoes.values()].map((echo) => echo.state)).toEqual(['queued', 'queued', 'queued'])
    expect(delivery.sent).toEqual([])
    one.reachable = true
    one.outbox.sendNow()
    await until(() => expect(delivery.texts).toEqual(['1', '2', '3']))
    await until(async () => expect(await one.database.count('outbox')).toBe(0))
    expect([...one.echoes.values()].map((echo) => echo.state)).toEqual(['sent', 'sent', 'sent'])
  })

  it('survives a reload, with the same client_ids and in the same order', async () => {
    const before = await tab()
    before.reachable = false
    for (const text of ['1', '2', '3']) await before.write('a', `client-${text}`, text)
    close(before)
    const after = await tab()
    expect([...after.echoes.keys()]).toEqual(['client-1', 'client-2', 'client-3'])
    await until(() => expect(delivery.sent.map((each) => each.client_id)).toEqual(['client-1', 'client-2', 'client-3']))
  })

  it('repeats a message whose answer was lost under the same client_id, before the next one', async () => {
    const one = await tab()
    let failures = 2
    delivery.answer = () => (failures-- > 0 ? Promise.reject(new Offline('lost')) : Promise.resolve())
    await one.write('a', 'client-1', '1')
    await one.write('a', 'client-2', '2')
    await until(() => expect(delivery.texts).toEqual(['1', '1', '1', '2']))
  })

  it('a refused message fails with its reason, keeps its place and does not hold up the others', async () => {
    const one = await tab()
    delivery.answer = (id) => (id === 'client-1' ? Promise.reject(problem(422, 'invalid_input')) : Promise.resolve())
    await one.write('a', 'client-1', '1')
    await one.write('a', 'client-2', '2')
    await until(() => expect(one.echoes.get('client-2')?.state).toBe('sent'))
    expect(one.echoes.get('client-1')).toMatchObject({
      state: 'failed',
      anchor_seq: 7,
      problem: { code: 'invalid_input' },
    })

    close(one)
    const after = await tab()
    expect(after.echoes.get('client-1')?.state).toBe('failed')
    delivery.answer = () => Promise.resolve()
    await after.outbox.retry('client-1')
    await until(() => expect(after.echoes.get('client-1')?.state).toBe('sent'))
    expect(delivery.texts).toEqual(['1', '2', '1'])
  })

  it('a deleted message is gone for good', async () => {
    const one = await tab()
    one.reachable = false
    await one.write('a', 'client-1', '1')
    await one.outbox.remove('client-1')
    one.reachable = true
    await one.write('a', 'client-2', '2')
    await until(() => expect(delivery.texts).toEqual(['2']))
    expect(one.echoes.has('client-1')).toBe(false)
  })

  it('another conversation does not wait for a slow one', async () => {
    const one = await tab()
    delivery.answer = (id) => (id === 'slow-one' ? new Promise(() => undefined) : Promise.resolve())
    await one.write('a', 'slow-one', 'slow')
    await one.write('b', 'quick-one', 'quick')
    await until(() => expect(one.echoes.get('quick-one')?.state).toBe('sent'))
    expect(one.echoes.get('slow-one')?.state).toBe('sending')
  })

  it('does not keep readable text where the browser can seal', async () => {
    const one = await tab()
    one.reachable = false
    await one.write('a', 'client-1', 'a secret')
    expect(JSON.stringify(await one.database.getAll('outbox'))).not.toContain('a secret')
  })
})

describe('files', () => {
  it('are uploaded first, once, and their upload starts again after a reload', async () => {
    const one = await tab()
    delivery.answerUpload = () => Promise.reject(new Offline('lost'))
    await one.write('a', 'client-1', picture())
    await until(() => expect(delivery.uploads).toHaveLength(1))
    close(one)
    delivery.answerUpload = () => Promise.resolve()
    delivery.answer = () => Promise.reject(new Offline('lost'))
    const two = await tab()
    await until(() => expect(delivery.sent).toHaveLength(1))
    close(two)
    delivery.answer = () => Promise.resolve()
    const three = await tab()
    await until(() => expect(three.echoes.get('client-1')?.state).toBe('sent'))
    expect(delivery.uploads).toHaveLength(2)
    expect(delivery.sent.at(-1)?.body).toEqual({ kind: 'image', file_id: 'f-a.png', width: 4, height: 3, size: 7 })
  })

  it('deleting one stops its upload', async () => {
    const one = await tab()
    delivery.answerUpload = (signal) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new DOMException('Aborted', 'AbortError'))),
      )
    await one.write('a', 'client-1', picture())
    await until(() => expect(one.echoes.get('client-1')?.progress).toBe(0.5))
    await one.outbox.remove('client-1')
    await one.write('a', 'client-2', '2')
    await until(() => expect(delivery.texts).toEqual(['2']))
    expect(one.echoes.has('client-1')).toBe(false)
  })
})

describe.each(['a lease', 'Web Locks'])('two tabs with %s', (means) => {
  beforeEach(() => {
    if (means === 'Web Locks') vi.stubGlobal('navigator', { locks: new FakeLocks() })
  })
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  it('send everything once, and both show it', async () => {
    const one = await tab()
    const two = await tab()
    await until(() => expect([one, two].filter((each) => each.leadership?.held)).toHaveLength(1))
    const expected: string[] = []
    for (let count = 0; count < 20; count += 1) {
      const id = `client-${count}`
      expected.push(id)
      await (count % 2 === 0 ? one : two).write('a', id, id)
    }
    await until(() => expect(delivery.sent.map((each) => each.client_id)).toEqual(expected))
    for (const each of [one, two]) {
      await until(() => expect([...each.echoes.values()].every((echo) => echo.state === 'sent')).toBe(true))
      expect(each.echoes.size).toBe(20)
    }
  })

  it('the second takes over when the first is closed', async () => {
    const one = await tab()
    await until(() => expect(one.leadership?.held).toBe(true))
    const two = await tab()
    close(one)
    await two.write('a', 'client-1', '1')
    await until(() => expect(delivery.texts).toEqual(['1']))
  })
})
