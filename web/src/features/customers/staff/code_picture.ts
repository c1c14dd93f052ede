/** The code as a picture to keep or to hand on. */
import type { ContactWay } from '@/contract/types'

const PRINT_PX = 1024

/** Drawn by the server, with the company's mark in its middle. */
export function pictureUrl(code: string, ending: 'svg' | 'png' = 'svg', size = PRINT_PX): string {
  return `/q/${encodeURIComponent(code)}.${ending}?size=${size}`
}

export function canShare(): boolean {
  return typeof navigator.share === 'function'
}

/** The picture where the device can hand files on, else the link. Resolves false when the person thought better of it. */
export async function shareCode(way: Pick<ContactWay, 'code' | 'url'>, title: string): Promise<boolean> {
  try {
    const picture = await (await fetch(pictureUrl(way.code, 'png'))).blob()
    const file = new File([picture], `${way.code}.png`, { type: 'image/png' })
    await navigator.share(navigator.canShare?.({ files: [file] }) ? { files: [file], title, text: way.url } : { title, url: way.url })
    return true
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return false
    throw error
  }
}
