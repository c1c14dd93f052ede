/** How a Field tells the control inside it who it is, without every screen wiring ids. */
import { computed, inject, provide, useId, type ComputedRef, type InjectionKey } from 'vue'

interface FieldContext {
  id: string
  describedBy: ComputedRef<string | undefined>
  invalid: ComputedRef<boolean>
  required: ComputedRef<boolean>
}

const KEY: InjectionKey<FieldContext> = Symbol('field')

export function provideField(context: FieldContext): void {
  provide(KEY, context)
}

/** The attributes of a control. Outside a Field the control needs its own `label`. */
export function useFieldControl(props: { label?: string | undefined; invalid?: boolean | undefined }) {
  const field = inject(KEY, null)
  const id = field?.id ?? useId()
  const attributes = computed(() => ({
    id,
    'aria-label': field ? undefined : props.label,
    'aria-describedby': field?.describedBy.value,
    'aria-invalid': field?.invalid.value || props.invalid || undefined,
    'aria-required': field?.required.value || undefined,
  }))
  const isInvalid = computed(() => Boolean(field?.invalid.value || props.invalid))
  return { id, attributes, isInvalid }
}
