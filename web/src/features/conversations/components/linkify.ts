/** Cuts a text into plain pieces and web addresses, so that links are elements and the rest stays text. */
export interface TextPiece {
  readonly text: string
  /** http(s) only; null for plain text. */
  readonly href: string | null
}

// Chinese text follows an address without a space, so its characters and punctuation end it.
const ADDRESS = /(?:https?:\/\/|www\.)[^\s<>"'“”‘’「」《》（）【】，。；：！？、\u4e00-\u9fff]+/gi
const TRAILING = /[.,;:!?)\]}]+$/

export function linkify(text: string): TextPiece[] {
  const pieces: TextPiece[] = []
  let at = 0
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimEnd(match[0])
    const href = hrefOf(address)
    if (href === null) continue
    if (match.index > at) pieces.push({ text: text.slice(at, match.index), href: null })
    pieces.push({ text: address, href })
    at = match.index + address.length
  }
  if (at < text.length) pieces.push({ text: text.slice(at), href: null })
  return pieces
}

/** The address when the whole text is one. */
export function onlyLink(text: string): string | null {
  const pieces = linkify(text.trim())
  return pieces.length === 1 ? (pieces[0]?.href ?? null) : null
}

/** A bracket or full stop behind an address belongs to the sentence, unless the address opened that bracket. */
function trimEnd(address: string): string {
  const end = TRAILING.exec(address)?.[0] ?? ''
  if (end.startsWith(')') && address.includes('(')) return address
  return address.slice(0, address.length - end.length)
}

function hrefOf(address: string): string | null {
  try {
    const url = new URL(/^www\./i.test(address) ? `https://${address}` : address)
    return (url.protocol === 'http:' || url.protocol === 'https:') && url.hostname.includes('.') ? url.href : localHref(url)
  } catch {
    return null
  }
}

function localHref(url: URL): string | null {
  return url.hostname === 'localhost' || url.hostname.startsWith('[') ? url.href : null
}
