/** A form that is sent: busy meanwhile, and what the server refused shown at the field it named. */
import { computed, ref, shallowRef } from 'vue'
import { ApiProblem, Offline } from '@/shared/net/problems'
import { problemText } from '../problem_text'
import { t } from './messages'

const isOf = (path: string, name: string) => path === name || path.startsWith(`${name}[`) || path.startsWith(`${name}.`)

export function useForm() {
  const busy = ref(false)
  const failure = shallowRef<unknown>(null)

  /** Fields that this form shows: what the server says of them stands there, not in the banner too. */
  const shown = new Set<string>()
  const fields = computed(() => (failure.value instanceof ApiProblem ? failure.value.fields : []))

  return {
    busy,
    /** For the whole form; fields marked below are pointed to, since one may be outside the view. */
    problem: computed(() => {
      if (failure.value === null) return ''
      const isMarked = fields.value.length > 0 && fields.value.every(({ path }) => [...shown].some((name) => isOf(path, name)))
      return isMarked ? t('form.fields') : problemText(failure.value, t('call.offline'))
    }),
    /** What is wrong with a field, or with a part of it (`departments`, `departments[2]`). */
    errorOf: (name: string) => {
      shown.add(name)
      return fields.value.find(({ path }) => isOf(path, name))?.problem
    },
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
