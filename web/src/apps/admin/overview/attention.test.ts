import { expect, it } from 'vitest'
import type { Api } from '@/shared/net/api'
import { readAttention } from './attention'

const member = (userid: string, verified: boolean, serves = true) => ({ userid, real_name_verified_at: verified ? 1 : null, serves_customers: serves })
const welcome = (status: string) => ({ status })

function server(activePages: number): Api {
  const get = (path: string, { query = {} as Record<string, unknown> } = {}) => {
    if (path === 'members' && query.status === 'active') {
      const page = Number(query.after ?? 0)
      return { items: [member(`a${page}`, page > 0), member(`b${page}`, false, false)], next: page + 1 < activePages ? String(page + 1) : null }
    }
    if (path === 'members') return { items: [member('i', false)], next: null }
    if (path === 'welcomes') return { items: ['sent', 'skipped', 'expired', 'pending'].map(welcome), next: 'more' }
    if (path === 'operations') return { parked: [], failed_jobs: [], followers: [], sockets: 2 }
    return { items: [], next: null }
  }
  return { get: (path: string, call?: { query?: Record<string, unknown> }) => Promise.resolve(get(path, call)) } as unknown as Api
}

it('reads every page and counts whom customers cannot meet for want of a check', async () => {
  const found = await readAttention(server(3))
  expect([found.active.items.length, found.active.whole]).toEqual([6, true])
  expect(found.unverified.items.map((one) => one.userid)).toEqual(['a0'])
  expect([found.invited.items.length, found.welcomes.unsent.length, found.welcomes.read]).toEqual([1, 2, 4])
})

it('says so when there are more than it read', async () => {
  const found = await readAttention(server(9))
  expect([found.active.items.length, found.active.whole, found.unverified.whole]).toEqual([10, false, false])
})
