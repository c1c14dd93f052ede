/** The navigation of this app, in its order. */
import { Settings } from '@lucide/vue'
import { computed } from 'vue'
import { t } from '@/apps/parts/messages'
import type { NavSection } from '@/ui'

export const sections = computed<NavSection[]>(() => [{ key: 'settings', label: t('nav.settings'), icon: Settings, to: '/settings', end: true }])
