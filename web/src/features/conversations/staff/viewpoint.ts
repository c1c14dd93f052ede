/** The member at this device, as the parts of a thread want to know it. */
import { computed } from 'vue'
import { ownId } from '@/features/identity/staff/session'
import type { Viewpoint } from '../components'

export const staffView = computed<Viewpoint>(() => ({ surface: 'staff', ownId: ownId.value }))
