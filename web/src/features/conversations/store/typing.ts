/** Who is writing right now: best effort, only for what is on screen, gone by itself. */

export interface Typing {
  /** Persons by conversation. */
  readonly people: ReadonlyMap<string, readonly string[]>
  /** Somebody else is writing. */
  heard(conversationId: string, person: string): void
  /** Their message arrived: they are not writing any more. */
  ended(conversationId: string, person: string): void
  /** This person is writing; says so at most every three seconds. */
  wrote(conversationId: string): void
  stop(): void
}

export interface TypingOptions {
  tell: (conversationId: string) => void
  onChange: (people: ReadonlyMap<string, readonly string[]>) => void
}

export const TYPING_EVERY_MS = 3_000
/** Two signals may be lost before somebody seems to have stopped. */
export const TYPING_SHOWN_MS = 7_000

export function createTyping(options: TypingOptions): Typing {
  let people: ReadonlyMap<string, readonly string[]> = new Map()
  const timers = new Map<string, ReturnType<typeof setTimeout>>()
  const told = new Map<string, number>()

  const put = (conversationId: string, persons: readonly string[]) => {
    const next = new Map(people)
    if (persons.length === 0) next.delete(conversationId)
    else next.set(conversationId, persons)
    people = next
    options.onChange(people)
  }

  const ended = (conversationId: string, person: string) => {
    const key = `${conversationId} ${person}`
    clearTimeout(timers.get(key))
    if (!timers.delete(key)) return
    put(
      conversationId,
      (people.get(conversationId) ?? []).filter((each) => each !== person),
    )
  }

  return {
    get people() {
      return people
    },
    heard(conversationId, person) {
      const key = `${conversationId} ${person}`
      const isNew = !timers.has(key)
      clearTimeout(timers.get(key))
      timers.set(
        key,
        setTimeout(() => ended(conversationId, person), TYPING_SHOWN_MS),
      )
      if (isNew) put(conversationId, [...(people.get(conversationId) ?? []), person])
    },
    ended,
    wrote(conversationId) {
      const now = Date.now()
      if (now - (told.get(conversationId) ?? 0) < TYPING_EVERY_MS) return
      told.set(conversationId, now)
      options.tell(conversationId)
    },
    stop() {
      for (const timer of timers.values()) clearTimeout(timer)
      timers.clear()
    },
  }
}
