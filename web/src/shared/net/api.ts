/**
 * The one way from a screen to the server over HTTP. The surface is part of the path and decides who
 * is asking (architecture.md §6), so that a client is made for one surface and can reach no other.
 */
import { createBackoff, wait } from './backoff'
import { newRef } from './ids'
import { ApiProblem, Offline, parseProblem, parseRetryAfter } from './problems'
import { uploadBlob } from './upload'

export type Surface = 'staff' | 'consumer' | 'admin' | 'public'
export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>

export interface CallOptions {
  query?: Query
  signal?: AbortSignal
  /** Milliseconds until an unanswered call counts as offline. */
  timeoutMs?: number
}

export interface PostOptions extends CallOptions {
  /**
   * `true` or a key: the server runs the call once however often it arrives, so it is tried again
   * after a lost answer. Without it a POST is tried once.
   */
  idempotency?: true | string
}

export interface UploadOptions {
  query?: Query
  contentType: string
  onProgress?: (share: number) => void
  signal?: AbortSignal
}

export interface Api {
  readonly surface: Surface
  get<T>(path: string, options?: CallOptions): Promise<T>
  post<T>(path: string, body?: unknown, options?: PostOptions): Promise<T>
  put<T>(path: string, body: unknown, options?: CallOptions): Promise<T>
  patch<T>(path: string, body: unknown, options?: CallOptions): Promise<T>
  delete<T>(path: string, options?: CallOptions): Promise<T>
  upload<T>(path: string, blob: Blob, options: UploadOptions): Promise<T>
  /** The address of a path of this surface, for `src` and `href`. */
  url(path: string, query?: Query): string
}

export interface ApiOptions {
  surface: Surface
  /** The language of errors: `zh-CN` or `en`. Asked anew with every call. */
  locale: () => string
  /** Told about every 401 except that of a sign-in itself (wrong_credentials). */
  onSignedOut?: (problem: ApiProblem) => void
  /** For tests and other origins; the page's own origin otherwise. */
  origin?: string
}

const CALL_TIMEOUT_MS = 30_000
const UPLOAD_STALL_MS = 30_000
const IDEMPOTENT_TRIES = 4

export function createApi(options: ApiOptions): Api {
  const url = (path: string, query?: Query) =>
    `${options.origin ?? ''}/api/${options.surface}/${path.replace(/^\//, '')}${queryString(query)}`

  const headers = (): Record<string, string> => ({
    Accept: 'application/json',
    'Accept-Language': options.locale(),
    'X-Rapport': '1',
  })

  const noticed = (error: unknown): unknown => {
    if (error instanceof ApiProblem && error.status === 401 && error.code !== 'wrong_credentials') {
      options.onSignedOut?.(error)
    }
    return error
  }

  const once = async <T>(method: string, path: string, body: unknown, call: PostOptions): Promise<T> => {
    const sent = headers()
    if (body !== undefined) sent['Content-Type'] = 'application/json'
    if (typeof call.idempotency === 'string') sent['Idempotency-Key'] = call.idempotency
    const limit = new AbortController()
    const timer = setTimeout(() => limit.abort(), call.timeoutMs ?? CALL_TIMEOUT_MS)
    const stop = () => limit.abort()
    call.signal?.addEventListener('abort', stop, { once: true })
    try {
      call.signal?.throwIfAborted()
      const response = await fetch(url(path, call.query), {
        method,
        headers: sent,
        credentials: 'same-origin',
        cache: 'no-store',
        signal: limit.signal,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return (await readAnswer(response)) as T
    } catch (error) {
      if (error instanceof ApiProblem) throw noticed(error)
      if (call.signal?.aborted) throw new DOMException('Aborted', 'AbortError')
      throw new Offline(limit.signal.aborted ? 'no answer in time' : 'no connection', { cause: error })
    } finally {
      clearTimeout(timer)
      call.signal?.removeEventListener('abort', stop)
    }
  }

  const post = async <T>(path: string, body?: unknown, call: PostOptions = {}): Promise<T> => {
    if (call.idempotency === undefined) return once<T>('POST', path, body, call)
    const keyed = { ...call, idempotency: call.idempotency === true ? newRef() : call.idempotency }
    const backoff = createBackoff()
    for (let tries = 1; ; tries += 1) {
      try {
        return await once<T>('POST', path, body, keyed)
      } catch (error) {
        if (tries >= IDEMPOTENT_TRIES || !isPassing(error)) throw error
        await wait(retryDelay(error, backoff.next()), call.signal)
      }
    }
  }

  return {
    surface: options.surface,
    url,
    post,
    get: <T>(path: string, call: CallOptions = {}) => once<T>('GET', path, undefined, call),
    put: <T>(path: string, body: unknown, call: CallOptions = {}) => once<T>('PUT', path, body, call),
    patch: <T>(path: string, body: unknown, call: CallOptions = {}) => once<T>('PATCH', path, body, call),
    delete: <T>(path: string, call: CallOptions = {}) => once<T>('DELETE', path, undefined, call),
    async upload<T>(path: string, blob: Blob, call: UploadOptions): Promise<T> {
      try {
        const answer = await uploadBlob({
          url: url(path, call.query),
          headers: { ...headers(), 'Content-Type': call.contentType },
          blob,
          stallMs: UPLOAD_STALL_MS,
          ...(call.onProgress === undefined ? {} : { onProgress: call.onProgress }),
          ...(call.signal === undefined ? {} : { signal: call.signal }),
        })
        return answer as T
      } catch (error) {
        throw noticed(error)
      }
    },
  }
}

/** True for a failure that the same call may survive a moment later. */
export function isPassing(error: unknown): boolean {
  return error instanceof Offline || (error instanceof ApiProblem && error.passing)
}

/** The server's own wish before the client's back-off. */
export function retryDelay(error: unknown, otherwise: number): number {
  return error instanceof ApiProblem && error.retry_after !== null ? error.retry_after * 1000 : otherwise
}

async function readAnswer(response: Response): Promise<unknown> {
  const text = await response.text()
  const body = parseBody(text)
  if (response.ok) {
    if (text !== '' && body === undefined) throw new Offline('the answer was cut off or not ours')
    return body ?? null
  }
  throw parseProblem(response.status, body, parseRetryAfter(response.headers.get('Retry-After')))
}

function parseBody(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function queryString(query: Query | undefined): string {
  if (query === undefined) return ''
  const parts = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined) parts.set(name, String(value))
  }
  const text = parts.toString()
  return text === '' ? '' : `?${text}`
}
