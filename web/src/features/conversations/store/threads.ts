/** One open conversation: entries are applied in the order of the log, whatever order they arrive in. */
import type { Entry } from '../../../contract/types'
import type { StoreEvent, Thread } from './model'
import { addEntries, appendEntry, eraseBodies, firstSeq, lastSeq, trimRuns } from './ranges'

/** So far behind, the newest page is read instead of everything between; older entries are read anew when scrolled to. */
export const FAR_BEHIND = 400
/** Entries kept on each side of the place that is looked at, and at the end of the log. */
export const KEPT_AROUND = 300
export const KEPT_NEWEST = 120

export type Page = Pick<Extract<StoreEvent, { type: 'page_received' }>, 'part' | 'items' | 'through' | 'reaches_start'>

export function openThread(generation: number, head: number): Thread {
  return { generation, loaded: false, runs: [], tail: 0, head, recalled: new Set(), complete: false }
}

/** A pushed entry: applied when it is the next one; what comes later than that only shows that there is a hole. */
export function pushEntry(thread: Thread, entry: Entry): Thread {
  const known = raiseHead(learnRecalls(thread, [entry]), entry.seq)
  if (!known.loaded || entry.seq !== known.tail + 1) return known
  return eraseKnown({ ...known, runs: appendEntry(known.runs, entry), tail: entry.seq })
}

export function raiseHead(thread: Thread, seq: number): Thread {
  return seq > thread.head ? { ...thread, head: seq } : thread
}

/** The recall of an entry is known, by whatever way: its text goes at once, and a late copy of it stays out. */
export function recallEntry(thread: Thread, targetSeq: number): Thread {
  if (thread.recalled.has(targetSeq)) return thread
  return eraseKnown({ ...thread, recalled: new Set([...thread.recalled, targetSeq]) })
}

/** An answer to a question about a range. `items` are ascending and dense. */
export function addPage(thread: Thread, page: Page): Thread {
  const known = learnRecalls(thread, page.items)
  switch (page.part) {
    case 'newest':
      return addNewest(known, page)
    case 'newer':
      return addNewer(known, page.items)
    case 'between':
      return addBetween(known, page)
  }
}

/** What the cache kept from last time, shown until the server says more. */
export function addCached(thread: Thread, entries: readonly Entry[]): Thread {
  if (thread.loaded || entries.length === 0) return thread
  const tail = lastSeq(entries)
  return eraseKnown({ ...learnRecalls(thread, entries), loaded: true, runs: addEntries([], entries), tail })
}

/** Drops what is far from `anchor`, so that an hour of scrolling does not fill the memory. */
export function trimThread(thread: Thread, anchor: number): Thread {
  const runs = trimRuns(thread.runs, anchor, KEPT_AROUND, KEPT_NEWEST)
  if (runs === thread.runs) return thread
  const isFirstKept = firstSeq(runs[0] ?? []) === firstSeq(thread.runs[0] ?? [])
  return { ...thread, runs, complete: thread.complete && isFirstKept }
}

function addNewest(thread: Thread, page: Page): Thread {
  const { items } = page
  // An empty answer proves that nothing up to there is visible: the person joined later.
  const end = items.length === 0 ? (page.through ?? 0) : lastSeq(items)
  if (thread.loaded && end <= thread.tail) return addBetween(thread, page)
  const touches = thread.loaded && thread.tail > 0 && firstSeq(items) <= thread.tail + 1
  return eraseKnown({
    ...raiseHead(thread, end),
    loaded: true,
    // Recalls may lie between what was held and this page: what does not touch it is not trusted any more.
    runs: addEntries(touches ? thread.runs : [], items),
    tail: end,
    complete: page.reaches_start || (touches && thread.complete),
  })
}

function addNewer(thread: Thread, items: readonly Entry[]): Thread {
  if (!thread.loaded) return thread
  let { runs, tail } = thread
  for (const entry of items) {
    // Nothing is held and the first visible entry is further on: the person joined there.
    const isNext = entry.seq === tail + 1 || (runs.length === 0 && entry.seq > tail)
    if (!isNext) continue
    runs = appendEntry(runs, entry)
    tail = entry.seq
  }
  return eraseKnown({ ...raiseHead(thread, tail), runs, tail })
}

/**
 * Older pages and holes that trimming made: never past the tail, where order is proven entry by entry. A late answer that
 * touches nothing held was made before what is held now, and recalls may lie between: it is not trusted.
 */
function addBetween(thread: Thread, page: Page): Thread {
  if (!thread.loaded) return thread
  const older = page.items.filter((entry) => entry.seq <= thread.tail)
  if (older.length > 0 && thread.runs.length > 0 && !thread.runs.some((run) => isTouching(run, older))) return thread
  return eraseKnown({
    ...thread,
    runs: addEntries(thread.runs, older),
    complete: thread.complete || page.reaches_start,
  })
}

function isTouching(run: readonly Entry[], items: readonly Entry[]): boolean {
  return firstSeq(items) <= lastSeq(run) + 1 && lastSeq(items) >= firstSeq(run) - 1
}

function learnRecalls(thread: Thread, entries: readonly Entry[]): Thread {
  const targets = entries.flatMap((entry) =>
    entry.kind === 'recall' && entry.target_seq !== null && !thread.recalled.has(entry.target_seq)
      ? [entry.target_seq]
      : [],
  )
  if (targets.length === 0) return thread
  return eraseKnown({ ...thread, recalled: new Set([...thread.recalled, ...targets]) })
}

function eraseKnown(thread: Thread): Thread {
  const runs = eraseBodies(thread.runs, thread.recalled)
  return runs === thread.runs ? thread : { ...thread, runs }
}
