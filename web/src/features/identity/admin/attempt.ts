import { ApiProblem, Offline } from '@/shared/net/problems'
import { toast } from '@/ui'
import { problemText } from '../problem_text'
import { t } from './messages'

/** Does something that needs no form; a refusal is said in a toast. True when it went through. */
export async function attempt(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act()
    return true
  } catch (error) {
    if (!(error instanceof ApiProblem || error instanceof Offline)) throw error
    toast({ tone: 'danger', text: problemText(error, t('call.offline')) })
    return false
  }
}
