/** What stands for a person without a picture: one character on a colour that belongs to the id. White on each is ≥ 4.5 : 1 (tested). */

export const AVATAR_COLOURS = ['#0B6E63', '#8A4B7D', '#9A5B1E', '#5B6B2F', '#3C5FA8', '#A03A4B', '#6B55A3', '#2F6B85'] as const

/** FNV-1a over UTF-16: stable on every device and in every version. */
export function colourOf(id: string): string {
  let hash = 0x811c9dc5
  for (let index = 0; index < id.length; index += 1) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193)
  return AVATAR_COLOURS[(hash >>> 0) % AVATAR_COLOURS.length] as string
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** 王女士 → 王, 小明 → 明 (the 小 of a nickname names nobody), Anna → A. */
export function initialOf(name: string): string {
  const [first = '?', second] = [...graphemes.segment(name.trim())].map((each) => each.segment)
  const initial = second && /^[小阿老]$/.test(first) ? second : first
  return initial.toLocaleUpperCase()
}
