/** Says new messages to those who listen: only what arrives while the thread is open, a moment's worth at a time. */
import { onScopeDispose, ref, watch } from 'vue'
import type { Ref } from 'vue'
import type { Conversation } from '@/contract/types'
import type { ThreadRow } from '../store'
import { t } from './messages'
import { nameOf, previewOf } from './people'

const PAUSE_MS = 800
const MOST = 5

export function useAnnouncements(rows: () => readonly ThreadRow[], conversation: () => Conversation | null): Readonly<Ref<string>> {
  const said = ref('')
  let known: number | null = null
  let waiting: string[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  watch(
    rows,
    (all) => {
      const entries = all.flatMap((row) => (row.kind === 'entry' ? [row] : []))
      const newest = entries.at(-1)?.entry.seq ?? null
      if (newest === null) return
      if (known !== null) {
        for (const { entry, own } of entries) {
          if (entry.seq > known && !own && entry.body !== null && entry.kind !== 'system') {
            waiting.push(t('preview.said', { name: nameOf(conversation(), entry.sender), text: previewOf(entry) }))
          }
        }
      }
      known = Math.max(known ?? 0, newest)
      if (waiting.length === 0) return
      clearTimeout(timer)
      timer = setTimeout(() => {
        said.value = waiting.slice(-MOST).join('；')
        waiting = []
      }, PAUSE_MS)
    },
    { immediate: true },
  )
  onScopeDispose(() => clearTimeout(timer))
  return said
}
