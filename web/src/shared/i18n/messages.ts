/** Texts of one folder: Chinese beside the screen, other languages fetched when somebody reads them. */
import { shallowReactive } from 'vue'
import { currentLocale, locale, onLocaleNeeded, type Locale } from './locale'
import { stretch } from './pseudo'
import { parseTemplate, renderTemplate, type Params, type Template } from './template'

export type Texts = Readonly<Record<string, string>>
/** What a translation file holds: exactly the keys of the source. */
export type Translation<Source extends Texts> = Readonly<Record<keyof Source, string>>
export type Translate<Source extends Texts> = (key: keyof Source & string, params?: Params) => string
type Loader<Source extends Texts> = () => Promise<{ default: Translation<Source> }>

const NO_PARAMS: Params = {}

/**
 * `export const t = defineMessages(zh, { en: () => import('./messages.en') })`; in a template `t('list.empty')`.
 * Reading it is tracked, so that a change of language redraws what shows it.
 */
export function defineMessages<const Source extends Texts>(
  source: Source,
  translations: Record<Exclude<Locale, 'zh-CN'>, Loader<Source>>,
): Translate<Source> {
  const known = shallowReactive<Partial<Record<Locale, Texts>>>({ 'zh-CN': source })
  const parsed = new Map<string, Template>()

  onLocaleNeeded(async (wanted) => {
    if (known[wanted] || wanted === 'zh-CN') return
    known[wanted] = (await translations[wanted]()).default
  })

  return (key, params = NO_PARAMS) => {
    const language = locale.value
    const wanted = currentLocale()
    const text = known[wanted]?.[key]
    const shown: Locale = text === undefined ? 'zh-CN' : wanted
    const cacheKey = `${shown} ${key}`
    let template = parsed.get(cacheKey)
    if (!template) parsed.set(cacheKey, (template = parseTemplate(text ?? source[key] ?? key)))
    return renderTemplate(template, params, { locale: shown, ...(language === 'pseudo' && { literal: stretch }) })
  }
}
