import type { Router } from 'vue-router'
import { createAppRouter } from '@/apps/parts/start'
import { t as chats } from '@/features/conversations/consumer/messages'
import { t } from '@/features/identity/messages'
import { t as identity } from '@/features/identity/consumer/messages'
import { leaveForSignIn, redirectToSignIn } from '@/shared/app'
import { converse, leavesByChoice } from './conversing'
import { forget, remembered, session } from './session'

const SIGN_IN = '/c/sign-in'

export const pages = {
  chats: () => import('./pages/ChatsPage.vue'),
  me: () => import('./pages/MePage.vue'),
  signIn: () => import('./pages/SignInPage.vue'),
}

export function createCustomerRouter(): Router {
  const router = createAppRouter(
    '/',
    [
      { path: SIGN_IN, component: pages.signIn, meta: { open: true, title: () => t('sign_in.title') } },
      { path: '/c/', component: pages.chats, meta: { section: 'chats', title: () => chats('list.title') } },
      { path: '/c/chats/:id', component: pages.chats, props: true, meta: { section: 'chats', title: () => '' } },
      { path: '/c/me', component: pages.me, meta: { section: 'me', title: () => identity('me.title') } },
      // The kit's parts on one page, for those who draw screens. Builds leave it out.
      ...(import.meta.env.DEV ? [{ path: '/c/kit', component: () => import('@/ui/kit/KitGallery.vue'), meta: { open: true } }] : []),
    ],
    '/c/',
  )
  // What this device knows is shown at once; the server's no arrives while it is read.
  redirectToSignIn(router, { isSignedIn: () => remembered() !== null || session.isSignedIn(), signIn: SIGN_IN })
  router.beforeEach((to) => {
    if (!to.meta.open) converse()
  })
  // Who signs out is done; who was signed out comes back to where they were.
  const leave = () => void (leavesByChoice() ? router.replace(SIGN_IN) : leaveForSignIn(router, SIGN_IN))
  session.onEnd(leave)
  if (remembered() !== null) {
    void session.isSignedIn().then((isSignedIn) => {
      if (isSignedIn) return
      forget()
      leave()
    })
  }
  return router
}
