/**
 * The part of one conversation's log that this device holds: runs of entries without a hole. The
 * newest run grows at its end; pages read while scrolling back make or extend older runs.
 */
import type { Entry } from '../../../contract/types'

/** Entries whose seqs are consecutive; never empty. */
export type Run = readonly Entry[]
/** Ascending; between two runs at least one entry is missing. */
export type Runs = readonly Run[]

export function firstSeq(run: Run): number {
  return run[0]?.seq ?? 0
}

export function lastSeq(run: Run): number {
  return run[run.length - 1]?.seq ?? 0
}

export function findEntry(runs: Runs, seq: number): Entry | null {
  const run = runs.find((each) => firstSeq(each) <= seq && seq <= lastSeq(each))
  return run?.[seq - firstSeq(run)] ?? null
}

/** Adds entries in any order and joins what now touches. An entry that came twice is kept once; a stub wins over a body. */
export function addEntries(runs: Runs, entries: readonly Entry[]): Runs {
  if (entries.length === 0) return runs
  const bySeq = new Map<number, Entry>()
  for (const entry of [...runs.flat(), ...entries]) {
    const known = bySeq.get(entry.seq)
    if (known === undefined || entry.body === null) bySeq.set(entry.seq, entry)
  }
  return splitAtHoles([...bySeq.values()].sort((one, other) => one.seq - other.seq))
}

/** Appends to the newest run what directly follows it; the hot path of a live conversation. */
export function appendEntry(runs: Runs, entry: Entry): Runs {
  const newest = runs[runs.length - 1]
  if (newest === undefined || lastSeq(newest) + 1 !== entry.seq) return addEntries(runs, [entry])
  return [...runs.slice(0, -1), [...newest, entry]]
}

/** Takes the bodies out of recalled entries; returns the same runs when there is nothing to erase. */
export function eraseBodies(runs: Runs, seqs: ReadonlySet<number>): Runs {
  if (seqs.size === 0) return runs
  const isOpen = (entry: Entry) => entry.body !== null && seqs.has(entry.seq)
  if (!runs.some((run) => run.some(isOpen))) return runs
  return runs.map((run) => (run.some(isOpen) ? run.map((entry) => (isOpen(entry) ? eraseBody(entry) : entry)) : run))
}

export function eraseBody(entry: Entry): Entry {
  return { ...entry, body: null }
}

/**
 * Drops what is far from the place somebody looks at: `around` entries on each side of `anchor` and
 * the newest `newest` entries stay. What was dropped is a hole again and is read anew when scrolled to.
 */
export function trimRuns(runs: Runs, anchor: number, around: number, newest: number): Runs {
  const end = lastSeq(runs[runs.length - 1] ?? [])
  const stays = (entry: Entry) => Math.abs(entry.seq - anchor) <= around || entry.seq > end - newest
  if (runs.every((run) => run.every(stays))) return runs
  return splitAtHoles(runs.flat().filter(stays))
}

function splitAtHoles(entries: readonly Entry[]): Runs {
  const runs: Entry[][] = []
  for (const entry of entries) {
    const open = runs[runs.length - 1]
    if (open !== undefined && lastSeq(open) + 1 === entry.seq) open.push(entry)
    else runs.push([entry])
  }
  return runs
}
