import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import DataTable from './DataTable.vue'
import { useKeyPages } from './key_pages'

interface Row { id: string; name: string; customers: number }
const rows: Row[] = [{ id: 'a', name: '李小明', customers: 1284 }, { id: 'b', name: '陈立', customers: 312 }]

function table(props: Record<string, unknown> = {}) {
  return mount(DataTable<Row>, {
    props: {
      label: '成员', rows, rowKey: (row) => row.id, rowName: (row) => row.name, selectable: true,
      columns: [{ key: 'name', label: '姓名', value: (row) => row.name, sortable: true }, { key: 'customers', label: '客户', value: (row) => row.customers }],
      ...props,
    },
    attachTo: document.body,
  })
}

describe('a table', () => {
  it('sorts up, down and not at all, and says so', async () => {
    const wrapper = table({ 'onUpdate:sort': (sort: unknown) => wrapper.setProps({ sort } as never) })
    const states: (string | undefined)[] = []
    for (let tap = 0; tap < 3; tap += 1) {
      await wrapper.get('th button[aria-label^="姓名"]').trigger('click')
      states.push(wrapper.get('th[aria-sort]').attributes('aria-sort'))
    }
    expect(states).toEqual(['ascending', 'descending', 'none'])
  })

  it('selects one, then all, then none', async () => {
    const wrapper = table({ 'onUpdate:selected': (selected: string[]) => wrapper.setProps({ selected } as never) })
    const boxes = () => wrapper.findAll('[role="checkbox"]')
    await boxes()[1]?.trigger('click')
    expect(wrapper.props('selected')).toEqual(['a'])
    expect(boxes()[0]?.attributes('aria-checked')).toBe('mixed')
    await boxes()[0]?.trigger('click')
    expect(wrapper.props('selected')).toEqual(['a', 'b'])
    await boxes()[0]?.trigger('click')
    expect(wrapper.props('selected')).toEqual([])
  })

  it('opens rows and moves between them by arrow key', async () => {
    const opened: string[] = []
    const wrapper = table({ onOpen: (row: Row) => opened.push(row.id) })
    const [first, second] = wrapper.findAll<HTMLElement>('[data-row-open]')
    first?.element.focus()
    await first?.trigger('keydown', { key: 'ArrowDown' })
    expect(document.activeElement).toBe(second?.element)
    await second?.trigger('click')
    expect(opened).toEqual(['b'])
  })

  it('keeps its rows while it loads anew, and says when there are none', async () => {
    const wrapper = table({ loading: true })
    expect(wrapper.findAll('tbody tr')).toHaveLength(2)
    await wrapper.setProps({ rows: [], loading: false, emptyText: '还没有成员' })
    expect(wrapper.text()).toContain('还没有成员')
  })
})

describe('pages by key', () => {
  const server = (after: string | null) => Promise.resolve(after === null ? { items: [1, 2], next: 'k2' } : { items: [3], next: null })

  it('grow with “load more”', async () => {
    const pages = useKeyPages<number>(server)
    await pages.restart()
    expect(pages.hasMore.value).toBe(true)
    await pages.more()
    expect([pages.items.value, pages.hasMore.value]).toEqual([[1, 2, 3], false])
  })

  it('turn forth and back', async () => {
    const pages = useKeyPages<number>(server)
    await pages.restart()
    await pages.nextPage()
    expect([pages.items.value, pages.page.value, pages.hasPrevious.value]).toEqual([[3], 2, true])
    await pages.previousPage()
    expect([pages.items.value, pages.page.value, pages.hasMore.value]).toEqual([[1, 2], 1, true])
  })

  it('keep what is shown when a page fails, and drop an answer that was overtaken', async () => {
    let answer: (page: { items: number[]; next: null }) => void = () => undefined
    let calls = 0
    const pages = useKeyPages<number>(() => {
      calls += 1
      if (calls === 1) return new Promise((resolve) => (answer = resolve))
      if (calls === 2) return Promise.resolve({ items: [9], next: null })
      return Promise.reject(new Error('down'))
    })
    const slow = pages.restart()
    await pages.restart()
    answer({ items: [1], next: null })
    await slow
    expect(pages.items.value).toEqual([9])
    await pages.restart()
    expect([pages.items.value, (pages.error.value as Error).message]).toEqual([[9], 'down'])
  })
})
