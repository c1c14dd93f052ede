/** The three apps of this package: where each lives, what it is called and which pages it serves. */
export interface WebApp {
  folder: 'staff' | 'customer' | 'admin'
  base: string
  dist: string
  port: number
  /** What the server can answer with; the first is the app itself. */
  pages: readonly string[]
  /** Lazy modules that a page is going to need at once. */
  preloads: Readonly<Record<string, readonly string[]>>
}

const APPS: readonly WebApp[] = [
  { folder: 'staff', base: '/staff/', dist: 'staff', port: 5173, pages: ['index.html'], preloads: {} },
  {
    folder: 'customer',
    base: '/c/',
    dist: 'c',
    port: 5174,
    pages: ['index.html', 'landing.html'],
    preloads: { 'index.html': ['/pages/ChatsPage.vue', '/consumer/ChatPane.vue'], 'landing.html': ['/landing_page.ts'] },
  },
  { folder: 'admin', base: '/admin/', dist: 'admin', port: 5175, pages: ['index.html'], preloads: {} },
]

export function appNamed(mode: string): WebApp {
  const app = APPS.find((each) => each.folder === mode)
  if (!app) throw new Error(`Say which app with --mode: ${APPS.map((each) => each.folder).join(', ')}`)
  return app
}
