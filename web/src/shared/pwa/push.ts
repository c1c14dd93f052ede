/** Waking this device while the app is closed: its subscription at the browser's push service, known to our server. */
import type { PushServer } from '@/contract/types'
import { currentLocale } from '@/shared/i18n'
import { createApi, type Api } from '@/shared/net/api'
import { isPushWanted, setPushWanted } from './wanted'

/** Why it is not for this device, or whether it is on. */
export type PushState = 'insecure' | 'install_first' | 'unsupported' | 'blocked' | 'off' | 'on'

/** The browser's push service does not answer, or there is none behind this browser. */
export class NoPushService extends Error {}

export function pushState(api: Api): PushState {
  if (!isSecureContext) return 'insecure'
  if (!('serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window)) {
    return needsHomeScreen() ? 'install_first' : 'unsupported'
  }
  if (Notification.permission === 'denied') return 'blocked'
  return Notification.permission === 'granted' && isPushWanted(api.surface) ? 'on' : 'off'
}

/** An iPhone offers push to what was installed, and to nothing else. */
function needsHomeScreen(): boolean {
  return /iPhone|iPad/.test(navigator.userAgent) && (navigator as { standalone?: boolean }).standalone !== true
}

/** Asks the person, then subscribes; in answer to a tap. Raises NoPushService and whatever the server says. */
export async function turnOnPush(api: Api): Promise<PushState> {
  if ((await Notification.requestPermission()) === 'granted') {
    await subscribe(api)
    setPushWanted(api.surface, true)
  }
  return pushState(api)
}

export async function turnOffPush(api: Api): Promise<PushState> {
  await api.delete('push')
  await forgetPush(api)
  return pushState(api)
}

/** At every start: browsers replace subscriptions, people sign in anew, and the server must know what holds now. */
export async function renewPush(api: Api): Promise<void> {
  if (pushState(api) === 'on') await subscribe(api)
  else setPushWanted(api.surface, false)
}

/** Whoever uses this device next has not asked for anything; the server forgets with the session. */
export async function forgetPush(api: Api): Promise<void> {
  setPushWanted(api.surface, false)
  const registration = await navigator.serviceWorker.getRegistration()
  await (await registration?.pushManager.getSubscription())?.unsubscribe()
}

async function subscribe(api: Api): Promise<void> {
  const subscription = await subscribeHere(await serverKey())
  try {
    await api.put('push', subscription.toJSON())
  } catch (error) {
    await subscription.unsubscribe()
    throw error
  }
}

async function serverKey(): Promise<Uint8Array<ArrayBuffer>> {
  const { public_key } = await createApi({ surface: 'public', locale: currentLocale }).get<PushServer>('push')
  return Uint8Array.from(atob(public_key.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))
}

async function subscribeHere(key: Uint8Array<ArrayBuffer>): Promise<PushSubscription> {
  const manager = (await navigator.serviceWorker.getRegistration())?.pushManager
  if (!manager) throw new NoPushService('the app is not installed in this browser')
  try {
    const held = await manager.getSubscription()
    if (held && !isFor(held, key)) await held.unsubscribe()
    return await manager.subscribe({ userVisibleOnly: true, applicationServerKey: key })
  } catch (error) {
    throw new NoPushService('the browser could not subscribe', { cause: error })
  }
}

function isFor(subscription: PushSubscription, key: Uint8Array): boolean {
  const held = subscription.options.applicationServerKey
  return held !== null && new Uint8Array(held).toString() === key.toString()
}
