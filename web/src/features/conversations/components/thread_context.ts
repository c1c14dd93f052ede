/** What every part of a thread needs to know about the one it is drawn for. */
import { inject, provide } from 'vue'
import type { ComputedRef, InjectionKey, Ref } from 'vue'
import type { Conversation } from '@/contract/types'
import type { ThreadView } from '../store'
import type { MessageRow } from './thread_items'
import type { Viewpoint } from './people'

export interface ThreadContext {
  readonly view: Viewpoint
  readonly thread: ThreadView
  readonly conversation: ComputedRef<Conversation | null>
  /** The row whose controls can be reached by Tab; the others are passed in one step. */
  readonly activeKey: Readonly<Ref<string | null>>
  openImage(row: MessageRow): void
  openMenu(key: string, at: HTMLElement): void
}

const KEY: InjectionKey<ThreadContext> = Symbol('thread')

export function provideThread(context: ThreadContext): void {
  provide(KEY, context)
}

export function useThreadContext(): ThreadContext {
  const found = inject(KEY)
  if (found === undefined) throw new Error('A part of a thread stands outside one.')
  return found
}

/** Private files are read on the reader's own surface. */
export function fileUrl(surface: Viewpoint['surface'], fileId: string, size?: 'thumb'): string {
  return `/api/${surface}/files/${encodeURIComponent(fileId)}${size === undefined ? '' : `?size=${size}`}`
}
