/** Where a store's address opens: Apple's own maps on Apple's devices, Amap elsewhere, which any browser can show. */
export function mapLink(place: string, agent: string = navigator.userAgent): string {
  const query = encodeURIComponent(place)
  return /iPhone|iPad|Macintosh/.test(agent)
    ? `https://maps.apple.com/?q=${query}`
    : `https://uri.amap.com/search?keyword=${query}`
}
