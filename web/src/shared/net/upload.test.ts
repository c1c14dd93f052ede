import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createApi } from './api'
import { Offline } from './problems'

class FakeXhr {
  static last: FakeXhr
  readonly upload: {
    onprogress: ((event: { lengthComputable: boolean; loaded: number; total: number }) => void) | null
  } = { onprogress: null }
  onload: (() => void) | null = null
  onerror: (() => void) | null = null
  status = 0
  responseText = ''
  aborted = false
  withCredentials = false
  readonly headers: Record<string, string> = {}
  url = ''

  constructor() {
    FakeXhr.last = this
  }
  open(_method: string, url: string): void {
    this.url = url
  }
  setRequestHeader(name: string, value: string): void {
    this.headers[name] = value
  }
  getResponseHeader(): string | null {
    return null
  }
  send(): void {
    this.upload.onprogress?.({ lengthComputable: true, loaded: 1, total: 4 })
  }
  abort(): void {
    this.aborted = true
  }
  finish(status: number, body: unknown): void {
    this.status = status
    this.responseText = JSON.stringify(body)
    this.onload?.()
  }
}

const api = createApi({ surface: 'consumer', locale: () => 'en' })
const blob = new Blob(['1234'], { type: 'image/png' })

beforeEach(() => {
  vi.stubGlobal('XMLHttpRequest', FakeXhr)
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

describe('an upload', () => {
  it('sends the raw file, tells its progress and gives back what was stored', async () => {
    const shares: number[] = []
    const call = api.upload('files', blob, {
      query: { kind: 'image', name: 'a.png' },
      contentType: 'image/png',
      onProgress: (share) => shares.push(share),
    })
    expect(FakeXhr.last.url).toBe('/api/consumer/files?kind=image&name=a.png')
    expect(FakeXhr.last.headers).toMatchObject({ 'Content-Type': 'image/png', 'X-Rapport': '1' })
    FakeXhr.last.finish(201, { file_id: 'f' })
    expect(await call).toEqual({ file_id: 'f' })
    expect(shares).toEqual([0.25])
  })

  it('refused says why', async () => {
    const call = api.upload('files', blob, { contentType: 'image/png' })
    FakeXhr.last.finish(413, { code: 'file_too_large', detail: 'At most 20 MB.' })
    await expect(call).rejects.toMatchObject({ status: 413, code: 'file_too_large', detail: 'At most 20 MB.' })
  })

  it('can be given up, and gives up itself when no byte moves', async () => {
    const stop = new AbortController()
    const call = api.upload('files', blob, { contentType: 'image/png', signal: stop.signal })
    stop.abort()
    await expect(call).rejects.toMatchObject({ name: 'AbortError' })
    expect(FakeXhr.last.aborted).toBe(true)
    vi.useFakeTimers()
    const stalled = expect(api.upload('files', blob, { contentType: 'image/png' })).rejects.toBeInstanceOf(Offline)
    await vi.advanceTimersByTimeAsync(30_000)
    await stalled
    expect(FakeXhr.last.aborted).toBe(true)
  })
})
