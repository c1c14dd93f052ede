/** What can go wrong between a screen and the server, as two kinds: the server said no, or nobody answered. */

export interface ProblemField {
  path: string
  problem: string
}

/** The body of `application/problem+json`, as the server writes it. */
export interface ProblemBody {
  type: string
  title: string
  status: number
  code: string
  detail: string
  errcode: number | null
  fields: ProblemField[]
  trace: string | null
}

/** The server understood and refused. `title` and `detail` are in the caller's language. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem'
  readonly status: number
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly errcode: number | null
  readonly fields: readonly ProblemField[]
  readonly trace: string | null
  /** Seconds until a repeat makes sense; null when the server did not say. */
  readonly retry_after: number | null

  constructor(body: ProblemBody, retryAfter: number | null = null) {
    super(body.detail || body.title || body.code)
    this.status = body.status
    this.code = body.code
    this.title = body.title
    this.detail = body.detail
    this.errcode = body.errcode
    this.fields = body.fields
    this.trace = body.trace
    this.retry_after = retryAfter
  }

  /** True where the same request may succeed later without any change. */
  get passing(): boolean {
    return this.status >= 500 || this.status === 429 || this.status === 408
  }
}

/** No answer: no network, the server is down, or the time-out passed. What was asked may or may not have happened. */
export class Offline extends Error {
  override readonly name = 'Offline'

  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options)
  }
}

/** Reads a problem from whatever an error answer carried; a proxy's HTML page becomes a problem as well. */
export function parseProblem(status: number, body: unknown, retryAfter: number | null = null): ApiProblem {
  const fields = isRecord(body) ? body : {}
  return new ApiProblem(
    {
      type: textOf(fields.type, 'about:blank'),
      title: textOf(fields.title, ''),
      status: typeof fields.status === 'number' ? fields.status : status,
      code: textOf(fields.code, codeOf(status)),
      detail: textOf(fields.detail, ''),
      errcode: typeof fields.errcode === 'number' ? fields.errcode : null,
      fields: Array.isArray(fields.fields) ? fields.fields.filter(isProblemField) : [],
      trace: typeof fields.trace === 'string' ? fields.trace : null,
    },
    // Over the socket there is no header: the body says it.
    retryAfter ?? (typeof fields.retry_after_s === 'number' ? fields.retry_after_s : null),
  )
}

/** `Retry-After` as seconds, or as a date. */
export function parseRetryAfter(header: string | null, now: number = Date.now()): number | null {
  if (header === null || header.trim() === '') return null
  const seconds = Number(header)
  if (Number.isFinite(seconds)) return Math.max(0, seconds)
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.max(0, (date - now) / 1000)
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isProblemField(value: unknown): value is ProblemField {
  return isRecord(value) && typeof value.path === 'string' && typeof value.problem === 'string'
}

function textOf(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise
}

function codeOf(status: number): string {
  if (status === 401) return 'not_signed_in'
  if (status === 404) return 'not_found'
  if (status === 413) return 'too_large'
  return status >= 500 ? 'try_again' : 'refused'
}
