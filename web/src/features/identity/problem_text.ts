import { ApiProblem } from '@/shared/net/problems'

/** What to say about a failed call: the server's own words, or `offline` when nobody answered. */
export function problemText(error: unknown, offline: string): string {
  return error instanceof ApiProblem ? error.detail || error.title : offline
}
