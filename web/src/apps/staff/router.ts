import { createAppRouter } from '@/apps/parts/start'
import { t as identity } from '@/features/identity/messages'
import { leaveForSignIn, redirectToSignIn } from '@/shared/app'
import { t } from './messages'
import { isReady, leavesByChoice, session } from './session'

const SIGN_IN = '/sign-in'
/** One page for a list and what is open beside it: going from one to the next keeps the page. */
const within = { render: () => null }

export const router = createAppRouter(
  '/staff/',
  [
    { path: SIGN_IN, component: () => import('./pages/SignInPage.vue'), meta: { open: true, title: () => identity('sign_in.title') } },
    { path: '/invitation', component: () => import('./pages/InvitationPage.vue'), meta: { open: true } },
    {
      path: '/',
      component: () => import('./pages/MessagesPage.vue'),
      meta: { section: 'messages', title: () => t('nav.messages') },
      children: [
        { path: '', component: within },
        { path: 'chats/:id', component: within },
        { path: 'chats/:id/info', component: within, meta: { info: true } },
      ],
    },
    {
      path: '/contacts',
      component: () => import('./pages/ContactsPage.vue'),
      meta: { section: 'contacts', title: () => t('nav.contacts') },
      children: [
        { path: '', component: within },
        { path: ':part(customers|requests|members)/:id?', component: within },
      ],
    },
    { path: '/code', component: () => import('./pages/CodePage.vue'), meta: { section: 'code', title: () => t('nav.code') } },
    { path: '/me', component: () => import('./pages/MePage.vue'), meta: { section: 'me', title: () => t('nav.me') } },
    { path: '/settings', redirect: '/me' },
    // The kit's parts on one page, for those who draw screens. Builds leave it out.
    ...(import.meta.env.DEV ? [{ path: '/kit', component: () => import('@/ui/kit/KitGallery.vue'), meta: { open: true } }] : []),
  ],
  '/',
)

redirectToSignIn(router, { isSignedIn: isReady, signIn: SIGN_IN })
// Who signs out is done; who was signed out comes back to where they were.
session.onEnd(() => void (leavesByChoice() ? router.replace(SIGN_IN) : leaveForSignIn(router, SIGN_IN)))
