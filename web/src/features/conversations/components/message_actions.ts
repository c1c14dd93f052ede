/** What can be done with one message; the same in the menu, on a right click, and by keyboard. */
import { CircleArrowOutUpRight, Copy, Download, Image as ImageIcon, Play, RotateCw, Trash2, Undo2 } from '@lucide/vue'
import type { Body } from '@/contract/types'
import { ApiProblem } from '@/shared/net/problems'
import { toast } from '@/ui'
import type { MenuItem } from '@/ui'
import { t } from './messages'
import { fileUrl } from './thread_context'
import type { ThreadContext } from './thread_context'
import type { MessageRow } from './thread_items'

export interface MessageDeeds {
  openImage: (row: MessageRow) => void
  playVoice: (key: string) => void
}

export function bodyOf(row: MessageRow): Body | null {
  return row.kind === 'echo' ? row.echo.body : row.entry.body
}

export function messageActions(row: MessageRow, context: Pick<ThreadContext, 'thread' | 'view'>, deeds: MessageDeeds): MenuItem[] {
  const items: MenuItem[] = [...contentActions(row, context, deeds)]
  const { thread } = context
  if (row.kind === 'echo') {
    const { client_id, state } = row.echo
    if (state === 'failed') items.push({ label: t('message.retry'), icon: RotateCw, run: () => void thread.retry(client_id) })
    if (state === 'failed' || state === 'queued') {
      items.push({ label: t('message.delete'), icon: Trash2, danger: true, separated: items.length > 0, run: () => void thread.remove(client_id) })
    }
  } else if (row.own) {
    const { seq } = row.entry
    items.push({ label: t('message.recall'), icon: Undo2, separated: items.length > 0, run: () => void recall(thread, seq) })
  }
  return items
}

function contentActions(row: MessageRow, { view }: Pick<ThreadContext, 'view'>, deeds: MessageDeeds): MenuItem[] {
  const body = bodyOf(row)
  switch (body?.kind) {
    case 'text':
      return [{ label: t('message.copy'), icon: Copy, run: () => void copyText(body.text) }]
    case 'image':
      return [
        { label: t('message.open_image'), icon: ImageIcon, run: () => deeds.openImage(row) },
        { label: t('message.download'), icon: Download, run: () => download(fileUrl(view.surface, body.file_id), '') },
      ]
    case 'file':
      return [{ label: t('message.download'), icon: Download, run: () => download(fileUrl(view.surface, body.file_id), body.name) }]
    case 'voice':
      return [{ label: t('message.play'), icon: Play, run: () => deeds.playVoice(row.key) }]
    case 'link':
      return [
        { label: t('message.open_link'), icon: CircleArrowOutUpRight, run: () => openPage(body.url) },
        { label: t('message.copy_link'), icon: Copy, run: () => void copyText(body.url) },
      ]
    default:
      return []
  }
}

async function recall(thread: ThreadContext['thread'], seq: number): Promise<void> {
  try {
    await thread.recall(seq)
  } catch (error) {
    const detail = error instanceof ApiProblem ? error.detail : ''
    toast({ tone: 'danger', text: detail || t('message.recall_failed') })
  }
}

export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    toast({ tone: 'ok', text: t('message.copied') })
  } catch {
    // Over plain HTTP there is no clipboard; the old way needs a selected field.
    toast(copyBySelection(text) ? { tone: 'ok', text: t('message.copied') } : { tone: 'danger', text: t('message.copy_failed') })
  }
}

function copyBySelection(text: string): boolean {
  const field = document.createElement('textarea')
  field.value = text
  field.style.position = 'fixed'
  field.style.opacity = '0'
  document.body.append(field)
  field.select()
  const done = document.execCommand('copy')
  field.remove()
  return done
}

function download(url: string, name: string): void {
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
}

function openPage(url: string): void {
  if (/^https?:\/\//i.test(url)) window.open(url, '_blank', 'noopener,noreferrer')
}
