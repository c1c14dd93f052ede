import { mount } from '@vue/test-utils'
import { createMemoryHistory, createRouter } from 'vue-router'
import { expect, it, vi } from 'vitest'
import { useUrlQuery } from '.'

async function screen(at: string) {
  let found: Record<'status' | 'member', ReturnType<typeof useUrlQuery>> | undefined
  const page = { template: '<p />', setup: () => void (found = { status: useUrlQuery('status'), member: useUrlQuery('member') }) }
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: page }] })
  await router.push(at)
  mount(page, { global: { plugins: [router] } })
  return { router, ...found! }
}

it('reads the address', async () => {
  const { status, member } = await screen('/?status=open&member=a&member=b')
  expect([status.value, member.value]).toEqual(['open', ''])
})

it('writes several texts as one change and leaves the rest of the address alone', async () => {
  const { router, status, member } = await screen('/?status=open&tab=log')
  status.value = ''
  member.value = 'xiaoming'
  await vi.waitFor(() => expect(router.currentRoute.value.query).toEqual({ tab: 'log', member: 'xiaoming' }))
  expect([status.value, member.value]).toEqual(['', 'xiaoming'])
})
