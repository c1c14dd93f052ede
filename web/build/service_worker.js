/* The app's own files, kept for starting without a network. Nothing that a person wrote or may read passes through here:
   /api, /files and /realtime are never touched. */
const { version, base, files } = __SHELL__
const CACHE = `shell ${base} ${version}`

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(files.map((file) => new Request(base + file, { cache: 'no-cache' })))))
})

self.addEventListener('activate', (event) => {
  event.waitUntil(removeOldShells().then(() => self.clients.claim()))
})

async function removeOldShells() {
  const names = await caches.keys()
  const old = names.filter((name) => name.startsWith(`shell ${base} `) && name !== CACHE)
  await Promise.all(old.map((name) => caches.delete(name)))
}

self.addEventListener('message', (event) => {
  if (event.data?.type === 'take-over') self.skipWaiting()
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== location.origin || !url.pathname.startsWith(base)) return
  if (request.mode === 'navigate') event.respondWith(shell())
  else if (files.includes(url.pathname.slice(base.length))) event.respondWith(kept(request))
})

self.addEventListener('push', (event) => {
  event.waitUntil(show(event.data.json()))
})

/** A later message of a conversation takes the place of an earlier one; who looks at the app needs none. */
async function show(message) {
  if (message.type !== 'message' || (await appWindows()).some((one) => one.focused)) return
  const data = { path: `${base}chats/${encodeURIComponent(message.conversation_id)}` }
  await self.registration.showNotification(message.title, { body: message.body, tag: message.tag, renotify: true, icon: `${base}icons/192.png`, data })
}

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(open(event.notification.data.path))
})

/** In the app's window where there is one: what is being written there stays. */
async function open(path) {
  const [found] = await appWindows()
  if (!found) return self.clients.openWindow(path)
  found.postMessage({ type: 'open', path })
  return found.focus()
}

async function appWindows() {
  const windows = await self.clients.matchAll({ type: 'window', includeUncontrolled: true })
  return windows.filter((one) => new URL(one.url).pathname.startsWith(base))
}

/** One version at a time: the page and its scripts always come from the same build. */
async function shell() {
  return (await caches.match(`${base}index.html`, { cacheName: CACHE })) ?? fetch(`${base}index.html`)
}

async function kept(request) {
  return (await caches.match(request, { cacheName: CACHE, ignoreSearch: true })) ?? fetch(request)
}
