/**
 * The pages that people see before they have anything of Rapport: a scanned code, and the check of an employee.
 * They start without router, store and service worker; the app itself is fetched while somebody reads.
 */
import './app.css'
import { createApp } from 'vue'
import { startTitle } from '@/shared/app'
import { startLocale } from '@/shared/i18n'
import { startTheme } from '@/shared/theme'
import LandingRoot from './LandingRoot.vue'

async function start(): Promise<void> {
  startTheme()
  await startLocale()
  startTitle(() => 'Rapport')
  createApp(LandingRoot).mount('#landing')
}

void start()
