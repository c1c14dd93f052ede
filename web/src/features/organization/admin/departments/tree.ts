/** A flat list of departments as the tree it is. */
import type { Department } from '@/contract/generated'

export interface TreeRow {
  readonly department: Department
  readonly depth: number
  readonly children: number
}

const byPlace = (first: Department, second: Department) => first.order - second.order || first.id - second.id

export function childrenOf(all: readonly Department[], parent: number | null): Department[] {
  return all.filter((one) => one.parent_id === parent).sort(byPlace)
}

/** Depth first, siblings in their order. */
export function arrange(all: readonly Department[]): TreeRow[] {
  const below = new Map<number | null, Department[]>()
  for (const one of [...all].sort(byPlace)) below.set(one.parent_id, [...(below.get(one.parent_id) ?? []), one])
  const rows: TreeRow[] = []
  const walk = (parent: number | null, depth: number): void => {
    for (const department of below.get(parent) ?? []) {
      rows.push({ department, depth, children: below.get(department.id)?.length ?? 0 })
      walk(department.id, depth + 1)
    }
  }
  walk(null, 0)
  return rows
}

/** The rows of which no ancestor is folded. */
export function unfolded(rows: readonly TreeRow[], folded: ReadonlySet<number>): TreeRow[] {
  let hiddenBelow = Number.POSITIVE_INFINITY
  return rows.filter(({ department, depth }) => {
    if (depth > hiddenBelow) return false
    hiddenBelow = folded.has(department.id) ? depth : Number.POSITIVE_INFINITY
    return true
  })
}

/** The department and everything below it. */
export function branch(rows: readonly TreeRow[], id: number): Set<number> {
  const start = rows.findIndex((row) => row.department.id === id)
  const found = new Set<number>()
  const top = rows[start]
  if (!top) return found
  found.add(id)
  for (const row of rows.slice(start + 1)) {
    if (row.depth <= top.depth) break
    found.add(row.department.id)
  }
  return found
}

export function pathOf(byId: ReadonlyMap<number, Department>, id: number): string {
  const names: string[] = []
  for (let one = byId.get(id); one; one = one.parent_id === null ? undefined : byId.get(one.parent_id)) {
    if (one.parent_id !== null || names.length === 0) names.unshift(one.name)
  }
  return names.join(' / ')
}

/** The new order of siblings after one moved by `step`: only what changes, as `[id, order]`. */
export function reordered(siblings: readonly Department[], id: number, step: -1 | 1): [id: number, order: number][] {
  const from = siblings.findIndex((one) => one.id === id)
  const to = from + step
  if (from < 0 || to < 0 || to >= siblings.length) return []
  const moved = siblings.filter((one) => one.id !== id)
  moved.splice(to, 0, siblings[from]!)
  return moved.flatMap((one, index) => (one.order === index + 1 ? [] : [[one.id, index + 1] as [number, number]]))
}
