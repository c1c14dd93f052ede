import { describe, expect, it } from 'vitest'
import { shallowRef } from 'vue'
import { useThreadWindow } from './thread_window'

const rows = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => ({ key: `k${from + index}` }))

function open(count: number) {
  const items = shallowRef(rows(0, count))
  return { items, view: useThreadWindow(() => items.value) }
}

describe('the part of a thread in the document', () => {
  it('begins at the newest end', () => {
    const { view } = open(500)
    expect(view.reachesEnd.value).toBe(true)
    expect(view.shown.value.at(-1)?.key).toBe('k499')
    expect(view.shown.value.length).toBeLessThan(100)
  })

  it('reaches every row on the way up and stays small', () => {
    const { view } = open(2000)
    const seen = new Set<string>()
    while (!view.reachesStart.value) {
      for (const { key } of view.shown.value) seen.add(key)
      view.showOlder()
      expect(view.shown.value.length).toBeLessThanOrEqual(140)
    }
    for (const { key } of view.shown.value) seen.add(key)
    expect(seen.size).toBe(2000)
    while (!view.reachesEnd.value) view.showNewer()
    expect(view.shown.value.at(-1)?.key).toBe('k1999')
  })

  it('does not move when older rows come in front', () => {
    const { items, view } = open(300)
    view.showOlder()
    const first = view.shown.value[0]?.key
    items.value = [...rows(-50, 0), ...items.value]
    expect(view.shown.value[0]?.key).toBe(first)
    expect(view.reachesEnd.value).toBe(true)
  })

  it('shows new rows at the end while the end is shown, and not while it is not', () => {
    const { items, view } = open(600)
    items.value = [...items.value, ...rows(600, 603)]
    expect(view.shown.value.at(-1)?.key).toBe('k602')
    while (view.reachesEnd.value) view.showOlder()
    items.value = [...items.value, ...rows(603, 605)]
    expect(view.shown.value.at(-1)?.key).not.toBe('k604')
  })
})
