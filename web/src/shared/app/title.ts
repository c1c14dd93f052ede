/** The page's title and the app's badge: what a tab or a home-screen icon says while nobody looks. */
import { ref, watchEffect } from 'vue'

const screen = ref('')
const unread = ref(0)
let appName = 'Rapport'

/** Once per app, before the router runs. */
export function startTitle(name: () => string): void {
  watchEffect(() => {
    appName = name()
    const title = screen.value ? `${screen.value} · ${appName}` : appName
    document.title = unread.value > 0 ? `(${unread.value > 99 ? '99+' : unread.value}) ${title}` : title
  })
}

export function setScreenTitle(title: string): void {
  screen.value = title
}

/** Also on the icon of an installed app, where the browser can. */
export function setUnreadBadge(count: number): void {
  unread.value = count
  const shown = count > 0 ? navigator.setAppBadge?.(count) : navigator.clearAppBadge?.()
  // Refused without the person's permission for notifications; the title carries the number anyway.
  shown?.catch(() => undefined)
}
