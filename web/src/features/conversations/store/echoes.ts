/** One's own messages that are not in the log yet: shown at once, replaced in place. */
import type { Echo } from './model'

type Echoes = ReadonlyMap<string, readonly Echo[]>

/** Adds or replaces; within a conversation by local order. An acknowledged echo is never set back. */
export function putEcho(echoes: Echoes, echo: Echo): Echoes {
  const known = echoes.get(echo.conversation_id) ?? []
  const before = known.find((each) => each.client_id === echo.client_id)
  if (before?.state === 'sent' && echo.state !== 'sent') return echoes
  const list = [...known.filter((each) => each !== before), echo].sort((one, other) => one.position - other.position)
  return new Map(echoes).set(echo.conversation_id, list)
}

export function removeEchoes(echoes: Echoes, conversationId: string, isGone: (echo: Echo) => boolean): Echoes {
  const known = echoes.get(conversationId)
  if (known === undefined || !known.some(isGone)) return echoes
  const kept = known.filter((echo) => !isGone(echo))
  const next = new Map(echoes)
  if (kept.length === 0) next.delete(conversationId)
  else next.set(conversationId, kept)
  return next
}

/**
 * Where an echo stands between the entries: at the end in local order, the acknowledged ones by
 * their seq, a refused one after the entry that was the last one then.
 */
export function anchorOf(echo: Echo): number {
  if (echo.state === 'failed' && echo.anchor_seq !== null) return echo.anchor_seq
  return Number.POSITIVE_INFINITY
}

export function compareEchoes(one: Echo, other: Echo): number {
  if (one.seq !== null || other.seq !== null) {
    return (one.seq ?? Number.MAX_SAFE_INTEGER) - (other.seq ?? Number.MAX_SAFE_INTEGER)
  }
  return one.position - other.position
}
