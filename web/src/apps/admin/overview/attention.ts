/** What waits for an administrator, counted from the lists themselves. Where a list is longer than is read here, the count says so. */
import type { ContactWay, Member, Operations, PageOfContactWay, PageOfMember, PageOfWelcomeRecord, WelcomeRecord } from '@/contract/generated'
import type { Api } from '@/shared/net/api'

const PAGE = 200
const MOST_PAGES = 5

export interface Counted<Item> {
  items: Item[]
  /** False: there are more than were read, so the number is a lower bound. */
  whole: boolean
}

async function readAll<Item>(load: (after: string | null) => Promise<{ items: Item[]; next: string | null }>): Promise<Counted<Item>> {
  const items: Item[] = []
  let after: string | null = null
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const page = await load(after)
    items.push(...page.items)
    after = page.next
    if (after === null) return { items, whole: true }
  }
  return { items, whole: false }
}

const membersOf = (api: Api, status: Member['status']) =>
  readAll((after) => api.get<PageOfMember>('members', { query: { status, after, limit: PAGE } }))

export interface Attention {
  active: Counted<Member>
  invited: Counted<Member>
  unverified: Counted<Member>
  codes: Counted<ContactWay>
  /** Of the latest welcomes only. */
  welcomes: { unsent: WelcomeRecord[]; read: number }
  operations: Operations
}

export async function readAttention(api: Api): Promise<Attention> {
  const [active, invited, codes, welcomes, operations] = await Promise.all([
    membersOf(api, 'active'),
    membersOf(api, 'invited'),
    readAll((after) => api.get<PageOfContactWay>('contact-ways', { query: { status: 'open', after, limit: PAGE } })),
    api.get<PageOfWelcomeRecord>('welcomes', { query: { limit: PAGE } }),
    api.get<Operations>('operations'),
  ])
  return {
    active, invited, codes, operations,
    unverified: { items: active.items.filter((one) => one.real_name_verified_at === null && one.serves_customers), whole: active.whole },
    welcomes: { unsent: welcomes.items.filter((one) => one.status === 'skipped' || one.status === 'expired'), read: welcomes.items.length },
  }
}
