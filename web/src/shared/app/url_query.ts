/** Filters and what is open, kept in the address: a link shows the same, and so does coming back. */
import { computed, type WritableComputedRef } from 'vue'
import { useRoute, useRouter, type Router } from 'vue-router'

const changes = new Map<string, string>()

/** Several texts set in one go are one change of the address, without a step in the history. */
function change(router: Router, name: string, value: string): void {
  if (changes.size === 0) {
    queueMicrotask(() => {
      const query = { ...router.currentRoute.value.query }
      for (const [key, text] of changes) {
        if (text === '') delete query[key]
        else query[key] = text
      }
      changes.clear()
      void router.replace({ query })
    })
  }
  changes.set(name, value)
}

/** One text of the query; empty when it is not there. */
export function useUrlQuery(name: string): WritableComputedRef<string> {
  const route = useRoute()
  const router = useRouter()
  return computed({
    get: () => {
      const value = route.query[name]
      return typeof value === 'string' ? value : ''
    },
    set: (value) => change(router, name, value),
  })
}
