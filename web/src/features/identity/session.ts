/** Who is signed in on this surface, asked once and then known until the server says otherwise. */
import { readonly, ref, shallowRef } from 'vue'
import { currentLocale } from '@/shared/i18n'
import { createApi, type Surface } from '@/shared/net/api'
import { ApiProblem } from '@/shared/net/problems'

export type SessionStatus = 'unknown' | 'signed_in' | 'signed_out'

export function createSession<Me>(surface: Exclude<Surface, 'public'>) {
  const me = shallowRef<Me | null>(null)
  const status = ref<SessionStatus>('unknown')
  const endings = new Set<() => void>()
  const storageKey = `rapport.signed_in.${surface}`
  let asking: Promise<boolean> | null = null

  const api = createApi({ surface, locale: currentLocale, onSignedOut: () => end() })

  function signedIn(who: Me): void {
    me.value = who
    status.value = 'signed_in'
    localStorage.setItem(storageKey, '1')
  }

  function end(): void {
    const wasSignedIn = status.value === 'signed_in'
    me.value = null
    status.value = 'signed_out'
    localStorage.removeItem(storageKey)
    if (wasSignedIn) for (const told of endings) told()
  }

  /** Without an answer (offline start) the last known state holds, and `me` stays null until the server answers. */
  async function ask(): Promise<boolean> {
    try {
      signedIn(await api.get<Me>('me'))
      return true
    } catch (error) {
      if (error instanceof ApiProblem && (error.status === 401 || error.status === 403)) {
        end()
        return false
      }
      return localStorage.getItem(storageKey) === '1'
    } finally {
      asking = null
    }
  }

  return {
    api,
    me: readonly(me) as typeof me,
    status: readonly(status),
    signedIn,
    isSignedIn: async () => status.value === 'signed_in' || (status.value === 'unknown' && (asking ??= ask())),
    /** Ends it on the server too; offline the cookie stays until it can be ended, so this then fails. */
    async signOut(): Promise<void> {
      await api.post('sign-out')
      end()
    },
    /** Told when a session that was there is over: signed out here, elsewhere, or revoked. */
    onEnd(told: () => void): () => void {
      endings.add(told)
      return () => endings.delete(told)
    },
  }
}

export type Session<Me> = ReturnType<typeof createSession<Me>>
