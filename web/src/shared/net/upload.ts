/** File upload by XMLHttpRequest, since `fetch` reports no upload progress. */
import { Offline, parseProblem, parseRetryAfter } from './problems'

export interface UploadRequest {
  url: string
  headers: Readonly<Record<string, string>>
  blob: Blob
  /** A share between 0 and 1. */
  onProgress?: (share: number) => void
  signal?: AbortSignal
  /** No byte moved for so long: the connection is given up. */
  stallMs: number
}

/** Sends the blob as the raw body and returns the parsed answer. */
export function uploadBlob(request: UploadRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    if (request.signal?.aborted) {
      reject(new DOMException('Aborted', 'AbortError'))
      return
    }
    const xhr = new XMLHttpRequest()
    let watchdog: ReturnType<typeof setTimeout> | undefined

    const end = (finish: () => void) => {
      clearTimeout(watchdog)
      request.signal?.removeEventListener('abort', abort)
      finish()
    }
    const fail = (reason: string) => end(() => reject(new Offline(reason)))
    const abort = () => {
      xhr.abort()
      end(() => reject(new DOMException('Aborted', 'AbortError')))
    }
    const awake = () => {
      clearTimeout(watchdog)
      watchdog = setTimeout(() => {
        fail('upload stalled')
        xhr.abort()
      }, request.stallMs)
    }

    xhr.open('POST', request.url)
    xhr.withCredentials = true
    for (const [name, value] of Object.entries(request.headers)) xhr.setRequestHeader(name, value)
    xhr.upload.onprogress = (event) => {
      awake()
      if (event.lengthComputable && event.total > 0) request.onProgress?.(event.loaded / event.total)
    }
    xhr.onerror = () => fail('upload failed')
    xhr.onload = () => end(() => settle(xhr, resolve, reject))
    request.signal?.addEventListener('abort', abort, { once: true })
    awake()
    xhr.send(request.blob)
  })
}

function settle(xhr: XMLHttpRequest, resolve: (value: unknown) => void, reject: (reason: Error) => void): void {
  const body = parseJson(xhr.responseText)
  if (xhr.status >= 200 && xhr.status < 300) {
    resolve(body)
    return
  }
  reject(parseProblem(xhr.status, body, parseRetryAfter(xhr.getResponseHeader('Retry-After'))))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}
