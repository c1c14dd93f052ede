/** How the page looks to this person on this device: theme and text size. Kept in the browser, never asked of the server. */
import { computed, readonly, ref } from 'vue'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]
export const TEXT_SIZES = ['small', 'normal', 'large', 'largest'] as const
export type TextSize = (typeof TEXT_SIZES)[number]

const THEME_KEY = 'rapport.theme'
const TEXT_SIZE_KEY = 'rapport.text_size'

const themeRef = ref<Theme>('system')
const textSizeRef = ref<TextSize>('normal')
const systemIsDark = ref(false)

export const theme = readonly(themeRef)
export const textSize = readonly(textSizeRef)
export const isDark = computed(() => themeRef.value === 'dark' || (themeRef.value === 'system' && systemIsDark.value))

export function setTheme(value: Theme): void {
  themeRef.value = value
  localStorage.setItem(THEME_KEY, value)
  apply()
}

export function setTextSize(value: TextSize): void {
  textSizeRef.value = value
  localStorage.setItem(TEXT_SIZE_KEY, value)
  apply()
}

/** Once, before anything is drawn. */
export function startTheme(): void {
  themeRef.value = THEMES.find((each) => each === localStorage.getItem(THEME_KEY)) ?? 'system'
  textSizeRef.value = TEXT_SIZES.find((each) => each === localStorage.getItem(TEXT_SIZE_KEY)) ?? 'normal'
  const media = matchMedia('(prefers-color-scheme: dark)')
  systemIsDark.value = media.matches
  media.addEventListener('change', (event) => {
    systemIsDark.value = event.matches
    apply()
  })
  apply()
}

function apply(): void {
  const root = document.documentElement
  if (themeRef.value === 'system') delete root.dataset.theme
  else root.dataset.theme = themeRef.value
  if (textSizeRef.value === 'normal') delete root.dataset.textSize
  else root.dataset.textSize = textSizeRef.value
  const chrome = document.querySelector<HTMLMetaElement>('meta[name="theme-color"]')
  if (chrome) chrome.content = getComputedStyle(root).getPropertyValue('--surface').trim() || chrome.content
}
