/** `if (await confirm({ title, text, danger: true })) …` */
import { shallowRef } from 'vue'

export interface Question {
  title: string
  text: string
  confirmLabel?: string
  danger?: boolean
  typed?: string
}

interface Asked extends Question {
  answer: (yes: boolean) => void
}

export const asked = shallowRef<Asked | null>(null)

/** One question at a time: a second one answers the first with no. */
export function confirm(question: Question): Promise<boolean> {
  asked.value?.answer(false)
  return new Promise((resolve) => {
    asked.value = {
      ...question,
      answer: (yes) => {
        asked.value = null
        resolve(yes)
      },
    }
  })
}
