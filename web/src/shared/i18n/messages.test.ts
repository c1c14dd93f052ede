import { afterEach, describe, expect, it } from 'vitest'
import { defineMessages, locale, messagesReady, setLocale, startLocale } from '.'
import { parseTemplate, renderTemplate } from './template'

const zh = { hello: '你好，{name}', unread: '{count, plural, =0 {没有未读} other {# 条未读}}' } as const
const en = { hello: 'Hello, {name}', unread: '{count, plural, =0 {Nothing new} one {# new message} other {# new messages}}' }

afterEach(() => setLocale('zh-CN', { remember: false }))

describe('texts', () => {
  it('come in Chinese at once and in English when somebody reads it', async () => {
    let loads = 0
    const t = defineMessages(zh, { en: async () => ((loads += 1), { default: en }) })
    expect(t('hello', { name: '小明' })).toBe('你好，小明')
    expect(loads).toBe(0)
    await setLocale('en')
    expect(t('hello', { name: '小明' })).toBe('Hello, 小明')
    expect(t('unread', { count: 1 })).toBe('1 new message')
    expect(t('unread', { count: 1200 })).toBe('1,200 new messages')
    expect(t('unread', { count: 0 })).toBe('Nothing new')
    expect(document.documentElement.lang).toBe('en')
  })

  it('of a folder that arrives later are fetched in the language being read', async () => {
    await setLocale('en')
    const t = defineMessages(zh, { en: async () => ({ default: en }) })
    await messagesReady()
    expect(t('unread', { count: 2 })).toBe('2 new messages')
  })

  it('stay Chinese when the translation cannot be fetched', async () => {
    const t = defineMessages(zh, { en: () => Promise.reject(new Error('offline')) })
    await setLocale('en')
    expect(t('hello', { name: '小明' })).toBe('你好，小明')
  })

  it('are stretched by 40 % in the pseudo-locale, what is filled in is not', async () => {
    const t = defineMessages(zh, { en: async () => ({ default: en }) })
    await setLocale('pseudo')
    expect(t('hello', { name: 'Anna' })).toMatch(/^Héłłö, ~+Anna$/)
    expect(t('hello', { name: '' }).length).toBeGreaterThanOrEqual('Hello,'.length * 1.4)
  })

  it('remember the chosen language on this device', async () => {
    await setLocale('en')
    await setLocale('zh-CN', { remember: false })
    await startLocale()
    expect(locale.value).toBe('en')
  })
})

describe('a template', () => {
  it('selects by word and nests', () => {
    const template = parseTemplate('{who, select, me {你} other {{name}}}：{count, plural, other {# 条}}')
    expect(renderTemplate(template, { who: 'me', name: '小明', count: 3 }, { locale: 'zh-CN' })).toBe('你：3 条')
    expect(renderTemplate(template, { who: 'peer', name: '小明', count: 3 }, { locale: 'zh-CN' })).toBe('小明：3 条')
  })

  it.each(['{name', '{count, plural, one {x}}', '{when, date}', 'a } b'])('refuses “%s”', (source) => {
    expect(() => parseTemplate(source)).toThrow()
  })
})
