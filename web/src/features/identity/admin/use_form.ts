/** A form that is sent: busy meanwhile, and what the server refused shown at the field it named. */
import { computed, ref, shallowRef } from 'vue'
import { ApiProblem, Offline } from '@/shared/net/problems'
import { problemText } from '../problem_text'
import { t } from './messages'

export function useForm() {
  const busy = ref(false)
  const failure = shallowRef<unknown>(null)

  const fields = computed(() => (failure.value instanceof ApiProblem ? failure.value.fields : []))

  return {
    busy,
    /** For the whole form: with fields named too, so that one outside the view is not missed. */
    problem: computed(() => (failure.value === null ? '' : problemText(failure.value, t('call.offline')))),
    /** What is wrong with a field, or with a part of it (`departments`, `departments[2]`). */
    errorOf: (path: string) =>
      fields.value.find((field) => field.path === path || field.path.startsWith(`${path}[`) || field.path.startsWith(`${path}.`))?.problem,
    clear: () => (failure.value = null),
    /** True when it went through. What was typed stays either way. */
    async submit(act: () => Promise<unknown>): Promise<boolean> {
      if (busy.value) return false
      busy.value = true
      failure.value = null
      try {
        await act()
        return true
      } catch (error) {
        if (!(error instanceof ApiProblem || error instanceof Offline)) throw error
        failure.value = error
        return false
      } finally {
        busy.value = false
      }
    },
  }
}
