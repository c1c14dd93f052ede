/** Screens behind a sign-in: ask once who it is, send strangers to the sign-in and bring them back afterwards. */
import type { RouteLocationRaw, Router } from 'vue-router'

declare module 'vue-router' {
  interface RouteMeta {
    /** Readable without a sign-in. Every other route needs one. */
    open?: boolean
    /** Which entry of the navigation this screen belongs to. */
    section?: string
    /** The screen's name for the tab's title. */
    title?: () => string
  }
}

export interface SignInRedirect {
  /** True when someone is signed in; asked before every screen that needs it, so keep what you know. */
  isSignedIn: () => boolean | Promise<boolean>
  /** The path of the sign-in screen inside the app. */
  signIn: string
}

export function redirectToSignIn(router: Router, options: SignInRedirect): void {
  router.beforeEach(async (to) => {
    if (to.meta.open || (await options.isSignedIn())) return true
    return { path: options.signIn, query: to.fullPath === '/' ? {} : { next: to.fullPath } }
  })
}

/** The session ended under the person's hands (401, revoked): to the sign-in, and back here afterwards. */
export async function leaveForSignIn(router: Router, signIn: string): Promise<void> {
  const { fullPath, meta } = router.currentRoute.value
  if (!meta.open) await router.replace({ path: signIn, query: { next: fullPath } })
}

/** Where to go after a sign-in. Only paths inside the app: an address of elsewhere in `next` is ignored. */
export function destinationAfterSignIn(next: unknown, home = '/'): RouteLocationRaw {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : home
}
