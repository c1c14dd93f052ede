/** Which language the person reads. Chinese is the source; others arrive when they are chosen. */
import { readonly, ref } from 'vue'

export const LOCALES = ['zh-CN', 'en'] as const
export type Locale = (typeof LOCALES)[number]
/** `pseudo` stretches English by 40 % so that tests and people find texts that do not fit or are not translated. */
export type Language = Locale | 'pseudo'

const STORAGE_KEY = 'rapport.locale'
const current = ref<Language>('zh-CN')
/** The language being switched to: texts that arrive meanwhile are fetched in it. */
let wanted: Locale = 'zh-CN'
const waiting = new Set<Promise<void>>()
const loaders: ((locale: Locale) => Promise<void>)[] = []

export const locale = readonly(current)

/** The language to ask the server and Intl for. */
export function currentLocale(): Locale {
  return current.value === 'pseudo' ? 'en' : current.value
}

export function isLanguage(value: unknown): value is Language {
  return value === 'pseudo' || LOCALES.some((each) => each === value)
}

function preferredLanguage(): Language {
  const stored = localStorage.getItem(STORAGE_KEY)
  if (isLanguage(stored)) return stored
  return navigator.languages.some((each) => each.toLowerCase().startsWith('zh')) ? 'zh-CN' : 'en'
}

/** Called by `defineMessages`: how one folder's texts are fetched, now and at every later switch. */
export function onLocaleNeeded(load: (locale: Locale) => Promise<void>): void {
  loaders.push(load)
  if (wanted !== 'zh-CN') track(load(wanted))
}

function track(loading: Promise<void>): void {
  const settled = loading.catch(() => undefined).finally(() => waiting.delete(settled))
  waiting.add(settled)
}

/** Resolves when every text known so far is here. The router waits for it before it shows a screen. */
export async function messagesReady(): Promise<void> {
  while (waiting.size > 0) await Promise.all(waiting)
}

/** Switches the language, for good when the person chose it. Texts that fail to load stay Chinese. */
export async function setLocale(language: Language, options: { remember: boolean } = { remember: true }): Promise<void> {
  wanted = language === 'pseudo' ? 'en' : language
  if (wanted !== 'zh-CN') for (const load of loaders) track(load(wanted))
  await messagesReady()
  current.value = language
  document.documentElement.lang = currentLocale()
  if (options.remember) localStorage.setItem(STORAGE_KEY, language)
}

/** The person's language as stored or as the browser says it; without any stored choice the account's wins. */
export async function startLocale(): Promise<void> {
  await setLocale(preferredLanguage(), { remember: false })
}

export function hasChosenLocale(): boolean {
  return isLanguage(localStorage.getItem(STORAGE_KEY))
}
