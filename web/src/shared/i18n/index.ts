export { currentLocale, hasChosenLocale, isLanguage, LOCALES, locale, messagesReady, setLocale, startLocale } from './locale'
export type { Language, Locale } from './locale'
export { defineMessages } from './messages'
export type { Texts, Translate, Translation } from './messages'
