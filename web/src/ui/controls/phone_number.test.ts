import { expect, it } from 'vitest'
import { toInternational, toReadable } from './phone_number'

it.each([
  ['138 0013 8000', '+8613800138000'],
  ['138-0013-8000', '+8613800138000'],
  ['１３８００１３８０００', '+8613800138000'],
  ['+86 138 0013 8000', '+8613800138000'],
  ['8613800138000', '+8613800138000'],
  ['0086 13800138000', '+8613800138000'],
  ['+1 (415) 555-0100', '+14155550100'],
  ['', ''],
  ['+', ''],
])('understands %s', (typed, international) => {
  expect(toInternational(typed)).toBe(international)
})

it('shows a mainland number as people say it and keeps other countries’ +', () => {
  expect(toReadable('+8613800138000')).toBe('138 0013 8000')
  expect(toReadable('+14155550100')).toBe('+14155550100')
})
