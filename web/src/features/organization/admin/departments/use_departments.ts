/** The corp's tree, fetched once for every screen that names departments. */
import { computed, ref, shallowRef } from 'vue'
import type { Department, DepartmentList } from '@/contract/generated'
import { api, session } from '@/features/identity/admin/session'
import { arrange, pathOf } from './tree'

const departments = shallowRef<readonly Department[]>([])
const error = shallowRef<unknown>(null)
const loaded = ref(false)
const busy = ref(false)

async function load(): Promise<void> {
  busy.value = true
  error.value = null
  try {
    departments.value = (await api.get<DepartmentList>('departments')).items
    loaded.value = true
  } catch (failure) {
    error.value = failure
  } finally {
    busy.value = false
  }
}

// Whoever signs in next may be of another corp.
session.onEnd(() => {
  departments.value = []
  loaded.value = false
})

const byId = computed(() => new Map(departments.value.map((one) => [one.id, one])))
const rows = computed(() => arrange(departments.value))

/** Departments as they are now; the first screen that asks fetches them. */
export function useDepartments() {
  if (!loaded.value && !busy.value) void load()
  return {
    departments, error, loaded, busy, load, rows,
    nameOf: (id: number) => byId.value.get(id)?.name ?? `#${id}`,
    /** Every name from below the root down: two shops may each have a “cash desk”. */
    pathOf: (id: number) => pathOf(byId.value, id),
  }
}
