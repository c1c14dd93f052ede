/** What every app does before and after it is on the screen. */
import { createApp, type Component } from 'vue'
import { createRouter, createWebHistory, type Router, type RouteRecordRaw } from 'vue-router'
import { setScreenTitle, startTitle } from '@/shared/app'
import { messagesReady, startLocale } from '@/shared/i18n'
import { startServiceWorker } from '@/shared/pwa'
import { startTheme } from '@/shared/theme'
import { NotFound } from '@/ui'

export interface AppStart {
  root: Component
  router: Router
  name: () => string
  /** The first screen is ready and about to replace what stands in its place. */
  beforeMount?: () => void
}

/** History over `base`, every screen's texts there before it shows, the tab's title after it does. */
export function createAppRouter(base: string, routes: RouteRecordRaw[], home: string): Router {
  const router = createRouter({
    history: createWebHistory(base),
    routes: [...routes, { path: '/:rest(.*)*', component: NotFound, props: { home }, meta: { open: true } }],
    scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
  })
  router.beforeResolve(() => messagesReady())
  router.afterEach((to) => setScreenTitle(to.meta.title?.() ?? ''))
  return router
}

export async function startApp({ root, router, name, beforeMount }: AppStart): Promise<void> {
  startTheme()
  await startLocale()
  startTitle(name)
  const app = createApp(root).use(router)
  if (beforeMount) {
    await router.isReady()
    beforeMount()
  }
  app.mount('#app')
  const open = (path: string) => void router.push(path.slice(router.options.history.base.length))
  if (import.meta.env.PROD) await startServiceWorker(import.meta.env.BASE_URL, open)
}
