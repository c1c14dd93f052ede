/** A greeting while it is written: one text, then pictures and links in their order. */
import type { ContactWay } from '@/contract/generated'

export type Part = NonNullable<ContactWay['greeting']>[number]
export type Attachment = Exclude<Part, { kind: 'text' }>
export type LinkPart = Extract<Part, { kind: 'link' }>

export interface GreetingDraft {
  text: string
  /** Each with a key of its own, so that a moved one keeps its place on the screen. */
  attachments: { key: number; part: Attachment }[]
}

let lastKey = 0
export const keyed = (part: Attachment) => ({ key: (lastKey += 1), part })

export function draftOf(parts: readonly Part[] | null): GreetingDraft {
  const text = parts?.find((part) => part.kind === 'text')?.text ?? ''
  return { text, attachments: (parts ?? []).filter((part): part is Attachment => part.kind !== 'text').map(keyed) }
}

/** Null where nothing was written: the server takes no empty greeting. */
export function partsOf(draft: GreetingDraft): Part[] | null {
  const parts: Part[] = [...(draft.text.trim() === '' ? [] : [{ kind: 'text' as const, text: draft.text.trim() }]), ...draft.attachments.map(({ part }) => part)]
  return parts.length > 0 ? parts : null
}

export const bytesOf = (text: string) => new TextEncoder().encode(text).length

/** What the customer will read. Names the server does not know stay as typed, like there. */
export function filled(text: string, names: { customer: string; member: string; corp: string }): string {
  return text.replace(/\{(customer|member|corp)\}/g, (_, name: keyof typeof names) => names[name])
}

export const isLink = (url: string) => /^https?:\/\/\S+$/.test(url.trim()) && url.trim().length <= 2048
