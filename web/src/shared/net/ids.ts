/**
 * Ids made in the browser. They come from `crypto.getRandomValues`, because over plain HTTP a browser
 * has no `crypto.randomUUID`.
 */

/** Crockford's base32: sorts like the number it stands for, and has no letters that are misread. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const TIME_LENGTH = 10
const RANDOM_LENGTH = 16

let lastTime = 0
let lastRandom: number[] = []

/**
 * A 26-character id: 10 characters of milliseconds, 16 of randomness (80 bits).
 * Ids made in one tab sort in the order in which they were made, also within one millisecond and
 * when the clock is set back.
 */
export function newClientId(now: number = Date.now()): string {
  const time = Math.max(now, lastTime)
  if (time === lastTime && lastRandom.length > 0 && increment(lastRandom)) {
    return encodeTime(time) + encodeDigits(lastRandom)
  }
  lastTime = time
  lastRandom = randomDigits(RANDOM_LENGTH)
  return encodeTime(time) + encodeDigits(lastRandom)
}

/** A short random id that pairs a request with its answer, unique on one page. */
export function newRef(): string {
  return encodeDigits(randomDigits(RANDOM_LENGTH))
}

function randomDigits(count: number): number[] {
  return Array.from(crypto.getRandomValues(new Uint8Array(count)), (byte) => byte & 31)
}

function encodeDigits(digits: readonly number[]): string {
  return digits.map((digit) => ALPHABET.charAt(digit)).join('')
}

function encodeTime(milliseconds: number): string {
  let rest = milliseconds
  let text = ''
  for (let index = 0; index < TIME_LENGTH; index += 1) {
    text = ALPHABET.charAt(rest % 32) + text
    rest = Math.floor(rest / 32)
  }
  return text
}

/** Adds one in place; false when all digits overflowed. */
function increment(digits: number[]): boolean {
  for (let index = digits.length - 1; index >= 0; index -= 1) {
    const digit = digits[index] ?? 0
    if (digit < 31) {
      digits[index] = digit + 1
      return true
    }
    digits[index] = 0
  }
  return false
}
