/** How often this person has come back, for asking once and not at the first sight. A visit is a new hour. */
import { ref } from 'vue'

const KEY = 'rapport.visits'
const DISMISSED_KEY = 'rapport.install_dismissed'
const HOUR_MS = 3_600_000
const OFFERED_FROM = 2

function countVisit(now: number): number {
  const [count = 0, at = 0] = (localStorage.getItem(KEY) ?? '').split(' ').map(Number)
  if (now - at < HOUR_MS) return count
  localStorage.setItem(KEY, `${count + 1} ${now}`)
  return count + 1
}

const visits = countVisit(Date.now())
const dismissed = ref(localStorage.getItem(DISMISSED_KEY) === '1')

export const isInstalled = matchMedia('(display-mode: standalone)').matches || (navigator as { standalone?: boolean }).standalone === true

export function offersInstall(): boolean {
  return visits >= OFFERED_FROM && !dismissed.value && !isInstalled && isSecureContext
}

export function dismissInstall(): void {
  dismissed.value = true
  localStorage.setItem(DISMISSED_KEY, '1')
}
