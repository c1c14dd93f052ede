/** How this device is called in the list of sessions: “Chrome · Android”. The person may read it, nobody decides by it. */
const SYSTEMS = [['iPhone', /iPhone/], ['iPad', /iPad/], ['Android', /Android/], ['Windows', /Windows/], ['macOS', /Mac OS X/], ['Linux', /Linux/]] as const
const BROWSERS = [['WeChat', /MicroMessenger/], ['Edge', /Edg\//], ['Firefox', /Firefox\//], ['Chrome', /Chrome\//], ['Safari', /Safari\//]] as const

export function deviceName(agent: string = navigator.userAgent): string {
  const find = (names: readonly (readonly [string, RegExp])[]) => names.find(([, pattern]) => pattern.test(agent))?.[0]
  return [find(BROWSERS), find(SYSTEMS)].filter(Boolean).join(' · ') || 'Web'
}
