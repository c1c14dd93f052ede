import { toast } from '@/ui'
import { t } from './messages'

/** The clipboard is closed to pages over plain HTTP: false then, and the person copies what is selected. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    toast({ tone: 'ok', text: t('copy.done') })
    return true
  } catch {
    toast(t('copy.by_hand'))
    return false
  }
}
