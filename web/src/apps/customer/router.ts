import { createAppRouter } from '@/apps/parts/start'
import { t } from '@/features/identity/messages'
import { leaveForSignIn, redirectToSignIn } from '@/shared/app'
import { session } from './session'

const SIGN_IN = '/c/sign-in'

export const router = createAppRouter(
  '/',
  [
    { path: SIGN_IN, component: () => import('./pages/SignInPage.vue'), meta: { open: true, title: () => t('sign_in.title') } },
    { path: '/c/', redirect: '/c/settings' },
    { path: '/c/settings', component: () => import('./pages/SettingsPage.vue'), meta: { section: 'settings', title: () => t('settings.title') } },
    // The kit's parts on one page, for those who draw screens. Builds leave it out.
    ...(import.meta.env.DEV ? [{ path: '/c/kit', component: () => import('@/ui/kit/KitGallery.vue'), meta: { open: true } }] : []),
  ],
  '/c/',
)

redirectToSignIn(router, { isSignedIn: session.isSignedIn, signIn: SIGN_IN })
session.onEnd(() => void leaveForSignIn(router, SIGN_IN))
