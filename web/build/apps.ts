/** The three apps of this package: where each lives, what it is called and which pages it serves. */
export interface WebApp {
  folder: 'staff' | 'customer' | 'admin'
  base: string
  dist: string
  port: number
}

const APPS: readonly WebApp[] = [
  { folder: 'staff', base: '/staff/', dist: 'staff', port: 5173 },
  { folder: 'customer', base: '/c/', dist: 'c', port: 5174 },
  { folder: 'admin', base: '/admin/', dist: 'admin', port: 5175 },
]

export function appNamed(mode: string): WebApp {
  const app = APPS.find((each) => each.folder === mode)
  if (!app) throw new Error(`Say which app with --mode: ${APPS.map((each) => each.folder).join(', ')}`)
  return app
}
