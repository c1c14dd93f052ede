/** The navigation of this app, in its order and groups. */
import { Activity, Building2, ClipboardList, MessageSquareText, MonitorSmartphone, Network, QrCode, Settings, SlidersHorizontal, Users } from '@lucide/vue'
import { computed } from 'vue'
import type { NavSection } from '@/ui'
import { t } from './messages'

export interface NavGroup {
  key: string
  /** Null: its sections stand for themselves. */
  label: string | null
  sections: NavSection[]
}

export const groups = computed<NavGroup[]>(() => [
  { key: 'overview', label: null, sections: [{ key: 'overview', label: t('nav.overview'), icon: ClipboardList, to: '/' }] },
  {
    key: 'organization', label: t('nav.group.organization'), sections: [
      { key: 'members', label: t('nav.members'), icon: Users, to: '/members' },
      { key: 'departments', label: t('nav.departments'), icon: Network, to: '/departments' },
    ],
  },
  {
    key: 'customers', label: t('nav.group.customers'), sections: [
      { key: 'ways', label: t('nav.ways'), icon: QrCode, to: '/contact-ways' },
      { key: 'welcomes', label: t('nav.welcomes'), icon: MessageSquareText, to: '/welcomes' },
    ],
  },
  {
    key: 'company', label: t('nav.group.company'), sections: [
      { key: 'corp', label: t('nav.corp'), icon: Building2, to: '/corp' },
      { key: 'policies', label: t('nav.policies'), icon: SlidersHorizontal, to: '/policies' },
    ],
  },
  {
    key: 'system', label: t('nav.group.system'), sections: [
      { key: 'devices', label: t('nav.devices'), icon: MonitorSmartphone, to: '/devices' },
      { key: 'operations', label: t('nav.operations'), icon: Activity, to: '/operations' },
    ],
  },
])

export const settings = computed<NavSection>(() => ({ key: 'settings', label: t('nav.settings'), icon: Settings, to: '/settings', end: true }))
export const sections = computed<NavSection[]>(() => [...groups.value.flatMap((group) => group.sections), settings.value])
