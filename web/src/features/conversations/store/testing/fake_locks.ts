/** Web Locks as far as this app uses them: one holder, the others wait until it lets go. */
export class FakeLocks {
  private readonly tails = new Map<string, Promise<unknown>>()

  request(name: string, options: { signal: AbortSignal }, hold: () => Promise<void>): Promise<void> {
    const before = this.tails.get(name) ?? Promise.resolve()
    const run = before.then(() => {
      if (options.signal.aborted) throw new DOMException('Aborted', 'AbortError')
      return hold()
    })
    this.tails.set(
      name,
      run.catch(() => undefined),
    )
    return run
  }
}
