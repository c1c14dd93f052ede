/** Installing and updating: the service worker of this app's scope, and the browser's offer to install. */
import { readonly, ref, shallowRef } from 'vue'

/** Chromium's offer, not yet in TypeScript's DOM. */
interface InstallPrompt extends Event {
  prompt: () => Promise<{ outcome: 'accepted' | 'dismissed' }>
}

const updateReadyRef = ref(false)
const installPrompt = shallowRef<InstallPrompt | null>(null)
let waitingWorker: ServiceWorker | null = null

/** A newer version is here and waits for `applyUpdate`. */
export const updateReady = readonly(updateReadyRef)
/** Set while the browser would install the app when asked. */
export const canInstall = () => installPrompt.value !== null

/**
 * Over plain HTTP (a phone in the shop's network) there is no service worker; everything but offline start and
 * notifications works. `open` is told where a notification leads that somebody tapped.
 */
export async function startServiceWorker(base: string, open: (path: string) => void): Promise<void> {
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault()
    installPrompt.value = event as InstallPrompt
  })
  if (!('serviceWorker' in navigator)) return
  try {
    const registration = await navigator.serviceWorker.register(`${base}sw.js`, { scope: base })
    offer(registration.waiting)
    void clearNotifications(registration)
    navigator.serviceWorker.addEventListener('message', ({ data }: MessageEvent<{ type?: string; path?: string }>) => {
      if (data.type === 'open' && data.path) open(data.path)
    })
    registration.addEventListener('updatefound', () => {
      const arriving = registration.installing
      arriving?.addEventListener('statechange', () => {
        if (arriving.state === 'installed') offer(registration.waiting)
      })
    })
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState !== 'visible') return
      void clearNotifications(registration)
      registration.update().catch(() => undefined)
    })
  } catch (error) {
    console.warn('No offline start on this device:', error)
  }
}

/** Who looks at the app sees there what is new. */
async function clearNotifications(registration: ServiceWorkerRegistration): Promise<void> {
  for (const shown of await registration.getNotifications()) shown.close()
}

function offer(worker: ServiceWorker | null): void {
  // The very first worker of a device replaces nothing: there is nothing to reload for.
  if (!worker || !navigator.serviceWorker.controller) return
  waitingWorker = worker
  updateReadyRef.value = true
}

/** Lets the new version take over and starts the page anew with it. */
export function applyUpdate(): void {
  navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true })
  waitingWorker?.postMessage({ type: 'take-over' })
}

export async function install(): Promise<boolean> {
  const offered = installPrompt.value
  if (!offered) return false
  installPrompt.value = null
  return (await offered.prompt()).outcome === 'accepted'
}
