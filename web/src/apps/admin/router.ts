import { createAppRouter } from '@/apps/parts/start'
import { session } from '@/features/identity/admin/session'
import { t as identity } from '@/features/identity/messages'
import { leaveForSignIn, redirectToSignIn } from '@/shared/app'
import { t } from './messages'

const SIGN_IN = '/sign-in'

export const router = createAppRouter(
  '/admin/',
  [
    { path: SIGN_IN, component: () => import('./pages/SignInPage.vue'), meta: { open: true, title: () => identity('sign_in.title') } },
    { path: '/', component: () => import('./overview/OverviewPage.vue'), meta: { section: 'overview', title: () => t('nav.overview') } },
    { path: '/members', component: () => import('@/features/organization/admin/members/MembersScreen.vue'), meta: { section: 'members', title: () => t('nav.members') } },
    { path: '/departments', component: () => import('@/features/organization/admin/departments/DepartmentsScreen.vue'), meta: { section: 'departments', title: () => t('nav.departments') } },
    { path: '/contact-ways', component: () => import('@/features/customers/admin/ways/WaysScreen.vue'), meta: { section: 'ways', title: () => t('nav.ways') } },
    { path: '/welcomes', component: () => import('@/features/customers/admin/welcomes/WelcomesScreen.vue'), meta: { section: 'welcomes', title: () => t('nav.welcomes') } },
    { path: '/corp', component: () => import('@/features/organization/admin/corp/CorpScreen.vue'), meta: { section: 'corp', title: () => t('nav.corp') } },
    { path: '/policies', component: () => import('@/features/organization/admin/policies/PoliciesScreen.vue'), meta: { section: 'policies', title: () => t('nav.policies') } },
    { path: '/devices', component: () => import('@/features/organization/admin/devices/DevicesScreen.vue'), meta: { section: 'devices', title: () => t('nav.devices') } },
    { path: '/operations', component: () => import('@/features/operations/admin/OperationsScreen.vue'), meta: { section: 'operations', title: () => t('nav.operations') } },
    { path: '/settings', component: () => import('./pages/SettingsPage.vue'), meta: { section: 'settings', title: () => t('nav.settings') } },
    // The kit's parts on one page, for those who draw screens. Builds leave it out.
    ...(import.meta.env.DEV ? [{ path: '/kit', component: () => import('@/ui/kit/KitGallery.vue'), meta: { open: true } }] : []),
  ],
  '/',
)

redirectToSignIn(router, { isSignedIn: session.isSignedIn, signIn: SIGN_IN })
session.onEnd(() => void leaveForSignIn(router, SIGN_IN))
