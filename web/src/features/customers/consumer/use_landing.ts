/** A code from the first look to the open conversation, through everything that can be in the way. */
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import type { Accepted, ContactWayLanding } from '@/contract/types'
import { isPassing, type Api } from '@/shared/net/api'
import { ApiProblem, Offline } from '@/shared/net/problems'
import { acceptKey, forgetAcceptKey, onAcceptedElsewhere } from './accept_key'
import { takeFirstLook } from './first_look'

export type LandingStep =
  | 'loading' | 'offline' | 'failed' | 'unknown'
  /** The code cannot be accepted (any more). */
  | 'closed' | 'expired' | 'nobody' | 'declined'
  | 'open' | 'ended' | 'waiting' | 'met'

export interface LandingOptions {
  code: string
  api: Api
  device: string
  onAccepted: (accepted: Accepted) => void
}

const WAITING_LOOK_MS = 5000
/** Asked before, in vain: asking again is like asking for the first time. */
const ASKED: ContactWayLanding['relation_status'][] = ['declined', 'expired']

export function useLanding({ code, api, device, onAccepted }: LandingOptions) {
  const landing = shallowRef<ContactWayLanding | null>(null)
  const failure = shallowRef<Error | null>(null)
  const looking = ref(false)
  const accepting = ref(false)
  /** Why accepting failed; the page stays as it is. */
  const problem = shallowRef<Error | null>(null)
  const nickname = ref('')
  const path = `contact-ways/${encodeURIComponent(code)}`

  const step = computed<LandingStep>(() => {
    const found = landing.value
    if (found === null) return failure.value === null ? 'loading' : failureStep(failure.value)
    if (found.relation_status === 'active' && found.conversation_id !== null) return 'met'
    if (found.relation_status === 'requested') return 'waiting'
    if (found.relation_status === 'declined' && found.ask_again_at !== null) return 'declined'
    if (found.status === 'expired') return 'expired'
    if (found.window === null) return 'nobody'
    // A code whose members all cannot serve shows as closed, too.
    if (found.status === 'closed') return found.windows.length === 0 ? 'nobody' : 'closed'
    return found.relation_status === null || ASKED.includes(found.relation_status) ? 'open' : 'ended'
  })

  async function look(): Promise<void> {
    if (looking.value) return
    looking.value = true
    try {
      landing.value = (await takeFirstLook(api.url(path))) ?? (await api.get<ContactWayLanding>(path))
      failure.value = null
    } catch (error) {
      if (!(error instanceof ApiProblem || error instanceof Offline)) throw error
      // What is on the page stays there; only an empty page has to say why it is empty.
      if (landing.value === null || !isPassing(error)) failure.value = error
      if (error instanceof ApiProblem && error.status === 404) landing.value = null
    } finally {
      looking.value = false
    }
  }

  async function accept(): Promise<void> {
    if (accepting.value) return
    accepting.value = true
    problem.value = null
    try {
      const body = { nickname: nickname.value.trim() || null, device }
      const accepted = await api.post<Accepted>(`${path}/accept`, body, { idempotency: acceptKey(code), timeoutMs: 15_000 })
      forgetAcceptKey(code)
      if (accepted.conversation_id === null) await look()
      onAccepted(accepted)
    } catch (error) {
      if (!(error instanceof ApiProblem || error instanceof Offline)) throw error
      problem.value = error
      // The code was closed, or the answer differs from what the page shows: show what holds now.
      if (error instanceof ApiProblem && !error.passing) await look()
    } finally {
      accepting.value = false
    }
  }

  const goOn = () => {
    if (problem.value instanceof Offline) void accept()
    else if (landing.value === null && step.value !== 'unknown') void look()
  }
  const lookAgain = () => {
    if (document.visibilityState === 'visible' && landing.value !== null && !accepting.value) void look()
  }
  const timer = setInterval(() => {
    if (step.value === 'waiting') lookAgain()
  }, WAITING_LOOK_MS)
  const stopHearing = onAcceptedElsewhere(code, () => void look())
  addEventListener('online', goOn)
  document.addEventListener('visibilitychange', lookAgain)
  onScopeDispose(() => {
    clearInterval(timer)
    stopHearing()
    removeEventListener('online', goOn)
    document.removeEventListener('visibilitychange', lookAgain)
  })

  void look()
  return { landing, step, looking, accepting, problem, nickname, look, accept }
}

function failureStep(error: Error): LandingStep {
  if (error instanceof Offline) return 'offline'
  return error instanceof ApiProblem && error.status === 404 ? 'unknown' : 'failed'
}
