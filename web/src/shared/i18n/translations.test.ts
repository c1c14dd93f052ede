import { describe, expect, it } from 'vitest'
import { namesIn, parseTemplate } from './template'

type Texts = Readonly<Record<string, string>>
const sources = import.meta.glob<{ zh: Texts }>('/src/**/messages.ts', { eager: true })
const english = import.meta.glob<{ default: Texts }>('/src/**/messages.en.ts', { eager: true })

const folders = Object.entries(sources).filter(([path]) => path !== '/src/shared/i18n/messages.ts')

it('finds the texts of the kit and of every folder that has them', () => {
  expect(folders.length).toBeGreaterThanOrEqual(3)
  expect(Object.keys(english)).toHaveLength(folders.length)
})

describe.each(folders)('%s', (path, { zh }) => {
  const en = english[path.replace('messages.ts', 'messages.en.ts')]?.default ?? {}

  it('has exactly the same keys in both languages', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort())
  })

  it('says something under every key', () => {
    for (const texts of [zh, en]) for (const [key, text] of Object.entries(texts)) expect(text.trim(), key).not.toBe('')
  })

  it('parses and asks for the same values in both languages', () => {
    for (const [key, text] of Object.entries(zh)) expect(namesIn(parseTemplate(en[key] ?? '')), key).toEqual(namesIn(parseTemplate(text)))
  })

  it('has no Chinese left in English', () => {
    for (const [key, text] of Object.entries(en)) expect(text, key).not.toMatch(/\p{Script=Han}/u)
  })
})
