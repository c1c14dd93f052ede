/** Opens the app itself: on its own page, or in place of the landing page that somebody read first. */
import { t } from '@/apps/parts/messages'
import { startApp } from '@/apps/parts/start'
import App from './App.vue'
import { createCustomerRouter, pages } from './router'

export async function openApp(beforeMount?: () => void): Promise<void> {
  await startApp({ root: App, router: createCustomerRouter(), name: () => t('app.customer'), ...(beforeMount && { beforeMount }) })
}

/** Fetches what a conversation needs while nobody waits for it. */
export async function warmUp(): Promise<void> {
  await (await pages.chats()).warmUp()
}
