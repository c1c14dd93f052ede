// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Api } from '@/shared/net/api'
import { ApiProblem } from '@/shared/net/problems'
import { forgetPush, NoPushService, pushState, renewPush, turnOffPush, turnOnPush } from './push'

const KEY = new Uint8Array([4, 251, 255, 62])
const subscription = {
  options: { applicationServerKey: KEY.buffer as ArrayBuffer | null },
  unsubscribe: vi.fn(async () => true),
  toJSON: () => ({ endpoint: 'https://push.example/1', keys: { p256dh: 'k', auth: 'a' } }),
}
const manager = { getSubscription: vi.fn(), subscribe: vi.fn() }
const api = { surface: 'staff', put: vi.fn(), delete: vi.fn() }
const notification = { permission: 'default', requestPermission: vi.fn() }
const asApi = api as unknown as Api

beforeEach(() => {
  localStorage.clear()
  vi.resetAllMocks()
  subscription.options.applicationServerKey = KEY.buffer
  manager.getSubscription.mockResolvedValue(null)
  manager.subscribe.mockResolvedValue(subscription)
  notification.permission = 'default'
  notification.requestPermission.mockImplementation(async () => notification.permission)
  vi.stubGlobal('isSecureContext', true)
  vi.stubGlobal('PushManager', class {})
  vi.stubGlobal('Notification', notification)
  vi.stubGlobal('fetch', vi.fn(async () => new Response(JSON.stringify({ public_key: 'BPv_Pg' }), { headers: { 'content-type': 'application/json' } })))
  Object.defineProperty(navigator, 'serviceWorker', { configurable: true, value: { getRegistration: async () => ({ pushManager: manager }) } })
})
afterEach(() => vi.unstubAllGlobals())

it('subscribes with the key of the installation and tells the server', async () => {
  notification.permission = 'granted'
  expect(await turnOnPush(asApi)).toBe('on')
  expect(manager.subscribe).toHaveBeenCalledWith({ userVisibleOnly: true, applicationServerKey: KEY })
  expect(api.put).toHaveBeenCalledWith('push', subscription.toJSON())
})

it('stays off, and asks nobody anything, when the person says no', async () => {
  expect(await turnOnPush(asApi)).toBe('off')
  notification.permission = 'denied'
  expect(await turnOnPush(asApi)).toBe('blocked')
  expect(manager.subscribe).not.toHaveBeenCalled()
})

it('leaves nothing behind when the server refuses', async () => {
  notification.permission = 'granted'
  api.put.mockRejectedValue(new ApiProblem({ type: '', title: '', status: 422, code: 'unknown_push_service', detail: 'no', fields: [] } as never))
  await expect(turnOnPush(asApi)).rejects.toThrow(ApiProblem)
  expect(subscription.unsubscribe).toHaveBeenCalledOnce()
  expect(pushState(asApi)).toBe('off')
})

it('says that the push service is to blame when it is', async () => {
  notification.permission = 'granted'
  manager.subscribe.mockRejectedValue(new DOMException('push service error', 'AbortError'))
  await expect(turnOnPush(asApi)).rejects.toThrow(NoPushService)
  expect(pushState(asApi)).toBe('off')
})

it('is renewed at a start, with a new key where the installation has one', async () => {
  notification.permission = 'granted'
  await turnOnPush(asApi)
  manager.getSubscription.mockResolvedValue({ ...subscription, options: { applicationServerKey: new Uint8Array([1]).buffer } })
  await renewPush(asApi)
  expect(subscription.unsubscribe).toHaveBeenCalledOnce()
  expect(api.put).toHaveBeenCalledTimes(2)
  notification.permission = 'denied'
  await renewPush(asApi)
  notification.permission = 'granted'
  expect(pushState(asApi)).toBe('off')
  expect(api.put).toHaveBeenCalledTimes(2)
})

it('goes when it is turned off, and with the session', async () => {
  notification.permission = 'granted'
  manager.getSubscription.mockResolvedValue(subscription)
  await turnOnPush(asApi)
  expect(await turnOffPush(asApi)).toBe('off')
  expect(api.delete).toHaveBeenCalledWith('push')
  await turnOnPush(asApi)
  await forgetPush(asApi)
  expect(pushState(asApi)).toBe('off')
  expect(subscription.unsubscribe).toHaveBeenCalledTimes(2)
})

it.each([
  ['insecure', () => vi.stubGlobal('isSecureContext', false)],
  ['unsupported', () => vi.stubGlobal('PushManager', undefined)],
])('knows where it is %s', (state, arrange) => {
  arrange()
  if (state === 'unsupported') delete (window as { PushManager?: unknown }).PushManager
  expect(pushState(asApi)).toBe(state)
})

it('asks an iPhone to install first', () => {
  delete (window as { PushManager?: unknown }).PushManager
  vi.spyOn(navigator, 'userAgent', 'get').mockReturnValue('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)')
  expect(pushState(asApi)).toBe('install_first')
})
