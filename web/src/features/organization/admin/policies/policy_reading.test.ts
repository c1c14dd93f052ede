import { beforeEach, expect, it } from 'vitest'
import type { PolicyItem } from '@/contract/generated'
import { setLocale } from '@/shared/i18n'
import { grouped, matches, most, parseNumber, presetValue, readValue } from './policy_reading'

beforeEach(() => setLocale('zh-CN', { remember: false }))

const policy = (given: Partial<PolicyItem>): PolicyItem => ({
  name: 'files.file_limit_bytes', unit: 'bytes', value: 1, default: 20, presets: {}, minimum: 1, maximum: 100, ceiling: null, source: 'rules §1',
  description: '一个文件的最大大小', changed_at: null, changed_by: null, ...given,
})

it('reads values in the unit that says most', () => {
  const read = (unit: string, value: PolicyItem['value']) => readValue({ unit }, value)
  expect([read('bytes', 20 * 1024 ** 2), read('bytes', 4000), read('s', 86_400), read('s', 120), read('s', 20)]).toEqual(['20 MB', '4,000 字节', '24 小时', '2 分钟', '20 秒'])
  expect([read('switch', true), read('yes/no', false), read('parsecs', 3), read('preset', 'wecom-today')]).toEqual(['开', '关', '3 parsecs', '现行版（wecom-today）'])
})

it('goes back to the value of the chosen preset, or to the default', () => {
  const all = [policy({ name: 'platform.preset', value: 'wecom-today' })]
  expect(presetValue(policy({ presets: { 'wecom-3.0': 20, 'wecom-today': 100 } }), all)).toBe(100)
  expect(presetValue(policy({}), all)).toBe(20)
})

it('keeps unknown groups in sight', () => {
  expect(grouped([policy({ name: 'new.rule' }), policy({})]).map((one) => one.group)).toEqual(['files', 'other'])
})

it('takes numbers as people type them, and nothing else', () => {
  expect([parseNumber('1,000'), parseNumber(' 20 000 '), parseNumber('0')]).toEqual([1000, 20_000, 0])
  expect([parseNumber(''), parseNumber('1.5'), parseNumber('-1'), parseNumber('many')]).toEqual([null, null, null, null])
})

it('knows the narrower bound and what a search means', () => {
  expect([most(policy({ ceiling: 50 })), most(policy({ maximum: null }))]).toEqual([50, null])
  expect([matches(policy({}), ' FILE_limit '), matches(policy({}), '最大'), matches(policy({}), 'voice')]).toEqual([true, true, false])
})
