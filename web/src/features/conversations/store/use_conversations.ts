/** The conversation list for a screen: by segment, page by page, always in step with what is pushed. */
import { computed, shallowRef, toValue, watch } from 'vue'
import type { ComputedRef, MaybeRefOrGetter, ShallowRef } from 'vue'
import type { Conversation } from '../../../contract/types'
import { ApiProblem, Offline } from '../../../shared/net/problems'
import type { ConversationClient } from './client'
import { live, theClient } from './live'
import { unreadOf } from './model'
import type { Counts, Echo, Settings } from './model'
import { horizonOf, listRows } from './views'
import type { Horizon, Segment } from './views'

export interface ListRow {
  readonly conversation: Conversation
  readonly unread: number
  /** Shown instead of the preview, with a mark. */
  readonly draft: string | null
  readonly typing: readonly string[]
  /** The latest message of one's own that is not in the log yet. */
  readonly echo: Echo | null
}

export interface ConversationList {
  readonly rows: ComputedRef<ListRow[]>
  /** Over all conversations, held here or not; muted ones do not count as unread. */
  readonly counts: ComputedRef<Counts>
  readonly loading: Readonly<ShallowRef<boolean>>
  /** The first page has been read from the server; until then rows are those of the last visit. */
  readonly loaded: ComputedRef<boolean>
  readonly error: Readonly<ShallowRef<Error | null>>
  readonly hasMore: ComputedRef<boolean>
  loadMore(): Promise<void>
  /** Pins, mutes or marks a row without opening it; rejects with `Offline` or `ApiProblem`, and the row is as before. */
  change(conversationId: string, settings: Settings): Promise<void>
}

/** How far a segment has been read; kept while the person looks at other screens. */
interface Reach {
  readonly client: ConversationClient
  readonly born: number
  readonly horizon: Horizon | null
  readonly next: string | null
}

const reaches = shallowRef<ReadonlyMap<Segment, Reach>>(new Map())

export function useConversations(segment: MaybeRefOrGetter<Segment> = 'all'): ConversationList {
  const loading = shallowRef(false)
  const error = shallowRef<Error | null>(null)
  const rowMap = computed(() => live.state.value.rows)
  const echoes = computed(() => live.state.value.echoes)
  const counts = computed(() => live.state.value.counts)
  const born = computed(() => live.state.value.born)
  const reach = computed(() => {
    const known = reaches.value.get(toValue(segment))
    return known !== undefined && known.client === live.client.value && known.born === born.value ? known : null
  })

  const rows = computed(() =>
    listRows(rowMap.value, toValue(segment), reach.value?.horizon ?? null).map((conversation): ListRow => {
      const id = conversation.conversation_id
      return {
        conversation,
        unread: unreadOf(conversation),
        draft: live.drafts.value.get(id) ?? null,
        typing: live.typing.value.get(id) ?? [],
        echo: echoes.value.get(id)?.at(-1) ?? null,
      }
    }),
  )

  const load = async () => {
    const client = live.client.value
    const wanted = toValue(segment)
    const from = reach.value
    if (client === null || loading.value || (from !== null && from.next === null)) return
    const { revision: asked, born: bornThen } = client.store.state
    loading.value = true
    try {
      const page = await client.calls.list(wanted, from?.next ?? null)
      client.store.dispatch({ type: 'rows_received', rows: page.items, counts: page.counts, asked })
      const last = page.items.at(-1)
      const horizon = page.next === null || last === undefined ? null : horizonOf(last, wanted)
      reaches.value = new Map(reaches.value).set(wanted, { client, born: bornThen, horizon, next: page.next })
      error.value = null
    } catch (caught) {
      if (!(caught instanceof ApiProblem || caught instanceof Offline)) throw caught
      error.value = caught
    } finally {
      loading.value = false
    }
    // Another segment was chosen meanwhile.
    if (reach.value === null && wanted !== toValue(segment)) void load()
  }

  watch(
    [() => toValue(segment), live.client, born, () => live.link.value === 'online'],
    () => {
      if (reach.value === null) void load()
    },
    { immediate: true },
  )

  return {
    rows,
    counts,
    loading,
    loaded: computed(() => reach.value !== null),
    error,
    hasMore: computed(() => reach.value === null || reach.value.next !== null),
    loadMore: load,
    change: (conversationId, settings) => theClient().actions.change(conversationId, settings),
  }
}
