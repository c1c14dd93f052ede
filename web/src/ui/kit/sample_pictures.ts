/** Pictures for the gallery, drawn here so that it needs no file. */
const picture = (inside: string) => `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 240">${inside}</svg>`)}`

export const SHOE = picture('<rect width="320" height="240" fill="#d9a781"/><circle cx="220" cy="90" r="70" fill="#f3dfc6"/>')
export const SIZES = picture('<rect width="320" height="240" fill="#8cbbf0"/><rect x="40" y="60" width="240" height="120" fill="#deebf9"/>')

/** Looks like a code, leads nowhere. */
export const QR = `data:image/svg+xml,${encodeURIComponent(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 25 25" shape-rendering="crispEdges"><path d="${Array.from({ length: 625 }, (_, index) => {
    const [x, y] = [index % 25, Math.floor(index / 25)]
    const eye = (ox: number, oy: number) => Math.max(Math.abs(x - ox), Math.abs(y - oy))
    const eyes = [eye(3, 3), eye(21, 3), eye(3, 21)]
    const near = Math.min(...eyes)
    const dark = near <= 4 ? near === 3 || near <= 1 : (x * 7 + y * 13 + ((x * y) % 5) * 3) % 3 === 0
    return dark ? `M${x} ${y}h1v1h-1z` : ''
  }).join('')}"/></svg>`,
)}`
