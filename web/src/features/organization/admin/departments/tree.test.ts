import { expect, it } from 'vitest'
import type { Department } from '@/contract/generated'
import { arrange, branch, childrenOf, pathOf, reordered, unfolded } from './tree'

const one = (id: number, parent_id: number | null, name: string, order: number): Department => ({ id, parent_id, name, order, members: 0 })
const ALL = [one(4, 2, '收银', 1), one(1, null, '云杉', 0), one(3, 1, '杭州店', 2), one(2, 1, '上海店', 1), one(5, 4, '夜班', 1)]
const names = (rows: readonly { department: Department }[]) => rows.map((row) => row.department.name)

it('lays the tree out depth first, siblings in their order', () => {
  expect(arrange(ALL).map((row) => [row.department.name, row.depth, row.children])).toEqual([
    ['云杉', 0, 2], ['上海店', 1, 1], ['收银', 2, 1], ['夜班', 3, 0], ['杭州店', 1, 0],
  ])
})

it('hides what lies below a folded department, and nothing else', () => {
  expect(names(unfolded(arrange(ALL), new Set([2])))).toEqual(['云杉', '上海店', '杭州店'])
  expect(names(unfolded(arrange(ALL), new Set([2, 4])))).toEqual(['云杉', '上海店', '杭州店'])
})

it('knows a whole branch, so that nothing is moved below itself', () => {
  expect([...branch(arrange(ALL), 2)]).toEqual([2, 4, 5])
  expect(branch(arrange(ALL), 9).size).toBe(0)
})

it('names a department from below the root', () => {
  const byId = new Map(ALL.map((each) => [each.id, each]))
  expect([pathOf(byId, 5), pathOf(byId, 1)]).toEqual(['上海店 / 收银 / 夜班', '云杉'])
})

it('moves among siblings and writes only the orders that change', () => {
  const shops = [one(2, 1, 'a', 1), one(3, 1, 'b', 2), one(6, 1, 'c', 3)]
  expect(reordered(shops, 6, -1)).toEqual([[6, 2], [3, 3]])
  expect(reordered(shops, 6, 1)).toEqual([])
  // Equal orders, as an import may leave them, become a sequence.
  expect(reordered(childrenOf([one(2, 1, 'a', 0), one(3, 1, 'b', 0)], 1), 2, 1)).toEqual([[3, 1], [2, 2]])
})
