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

/** One version at a time: the page and its scripts always come from the same build. */
async function shell() {
  return (await caches.match(`${base}index.html`, { cacheName: CACHE })) ?? fetch(`${base}index.html`)
}

async function kept(request) {
  return (await caches.match(request, { cacheName: CACHE, ignoreSearch: true })) ?? fetch(request)
}
