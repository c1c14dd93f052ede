import { createApp } from 'vue'
import { startTitle } from '@/shared/app'
import { startLocale } from '@/shared/i18n'
import { startTheme } from '@/shared/theme'
import LandingRoot from './LandingRoot.vue'

export async function showLanding(): Promise<void> {
  startTheme()
  await startLocale()
  startTitle(() => 'Rapport')
  createApp(LandingRoot).mount('#landing')
}
