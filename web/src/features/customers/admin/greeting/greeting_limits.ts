/** What a greeting may hold, from the company's policies; without an answer the server alone judges. */
import { ref } from 'vue'
import type { PolicyList } from '@/contract/generated'
import { api, session } from '@/features/identity/admin/session'

const textBytes = ref<number | null>(null)
const attachments = ref<number | null>(null)
let asked = false
session.onEnd(() => (asked = false))

export function useGreetingLimits() {
  if (!asked) {
    asked = true
    api.get<PolicyList>('policies').then(({ items }) => {
      const value = (name: string) => items.find((one) => one.name === name)?.value
      const [text, parts] = [value('customers.welcome_text_bytes'), value('customers.welcome_attachments')]
      textBytes.value = typeof text === 'number' ? text : null
      attachments.value = typeof parts === 'number' ? parts : null
    }).catch(() => (asked = false))
  }
  return { textBytes, attachments }
}
