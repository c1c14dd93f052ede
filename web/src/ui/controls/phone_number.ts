/** Phone numbers as people type them: with spaces, dashes, full-width digits, with or without +86. */

const FULL_WIDTH_ZERO = 0xff10

/** Digits with one leading + at most. */
export function cleanPhone(typed: string): string {
  const narrow = typed.replace(/[０-９]/g, (digit) => String(digit.charCodeAt(0) - FULL_WIDTH_ZERO)).replace(/＋/g, '+').trim()
  const digits = narrow.replace(/\D/g, '')
  return (narrow.startsWith('+') ? '+' : '') + digits
}

/** E.164; a number without a country is one of mainland China. Empty stays empty. */
export function toInternational(typed: string): string {
  const clean = cleanPhone(typed)
  if (clean === '' || clean === '+') return ''
  if (clean.startsWith('+')) return clean
  if (clean.startsWith('0086')) return `+${clean.slice(2)}`
  if (clean.startsWith('86') && clean.length === 13) return `+${clean}`
  return `+86${clean}`
}

/** 138 0013 8000; other countries keep their +. */
export function toReadable(international: string): string {
  const local = /^\+86(1\d{10})$/.exec(international)?.[1]
  if (local) return `${local.slice(0, 3)} ${local.slice(3, 7)} ${local.slice(7)}`
  return international.startsWith('+86') ? international.slice(3) : international
}
