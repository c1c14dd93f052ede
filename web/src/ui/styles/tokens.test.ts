import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AVATAR_COLOURS } from '../display/avatar_look'
import { contrast } from './contrast'

const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8')

function tokensAfter(selector: string): Record<string, string> {
  const start = css.indexOf(selector)
  expect(start, selector).toBeGreaterThanOrEqual(0)
  const block = css.slice(css.indexOf('{', start) + 1, css.indexOf('}', start))
  return Object.fromEntries([...block.matchAll(/--([\w-]+):\s*([^;]+);/g)].map((found) => [found[1], found[2]]))
}

const light = tokensAfter(':root {')
const dark = tokensAfter(":root[data-theme='dark']")
const darkBySystem = tokensAfter(":root:not([data-theme='light'])")
const themes = [['light', light], ['dark', dark]] as const

const GROUNDS = ['canvas', 'surface', 'sunken'] as const
const TONES = ['badge', 'wait', 'danger', 'ok', 'info', 'primary'] as const

describe.each(themes)('the %s theme', (_name, tokens) => {
  const ratio = (front: string, back: string) => contrast(tokens[front] ?? '', tokens[back] ?? '')

  it.each(GROUNDS)('reads at 7 : 1 for body text and 4.5 : 1 for secondary text on %s', (ground) => {
    expect(ratio('text', ground)).toBeGreaterThanOrEqual(7)
    expect(ratio('muted', ground)).toBeGreaterThanOrEqual(4.5)
  })

  it.each(TONES)('reads %s at 4.5 : 1 on its soft ground and on panels', (tone) => {
    expect(ratio(tone, `${tone}-soft`)).toBeGreaterThanOrEqual(4.5)
    for (const ground of GROUNDS) expect(ratio(tone, ground), ground).toBeGreaterThanOrEqual(4.5)
  })

  it('reads what stands on filled buttons, badges, bubbles and chosen rows', () => {
    expect(ratio('on-primary', 'primary')).toBeGreaterThanOrEqual(4.5)
    expect(ratio('surface', 'danger')).toBeGreaterThanOrEqual(4.5)
    expect(ratio('own-text', 'own')).toBeGreaterThanOrEqual(7)
    expect(ratio('text', 'primary-soft')).toBeGreaterThanOrEqual(7)
    expect(ratio('muted', 'primary-soft')).toBeGreaterThanOrEqual(4.5)
    expect(ratio('badge', 'primary-soft')).toBeGreaterThanOrEqual(4.5)
  })

  it.each(GROUNDS)('shows the edges of controls and the focus ring at 3 : 1 on %s', (ground) => {
    expect(ratio('control', ground)).toBeGreaterThanOrEqual(3)
    expect(ratio('primary', ground)).toBeGreaterThanOrEqual(3)
  })
})

it('is the same dark theme by system and by choice', () => {
  expect(Object.keys(dark).length).toBeGreaterThan(20)
  expect(darkBySystem).toEqual(dark)
})

it.each(AVATAR_COLOURS)('reads a white initial at 4.5 : 1 on %s', (colour) => {
  expect(contrast(colour, '#ffffff')).toBeGreaterThanOrEqual(4.5)
})

it('knows the extremes', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21)
  expect(contrast('#777777', '#777777')).toBe(1)
})
