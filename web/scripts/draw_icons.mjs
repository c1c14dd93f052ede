// Draws the mark of each app (two speech bubbles that overlap on a rounded square) as SVG and PNG: `npm run icons`.
// The PNGs come from the same numbers as the SVG, by signed distances, so that no picture library is needed.
import { mkdirSync, writeFileSync } from 'node:fs'
import { crc32, deflateSync } from 'node:zlib'

const APPS = {
  staff: { ground: '#0b6e63', far: '#5cc7b8', near: '#ffffff' },
  customer: { ground: '#d9efeb', far: '#5cc7b8', near: '#0b6e63' },
  admin: { ground: '#17211f', far: '#7c8985', near: '#ffffff' },
}
// In a square of 64: the far bubble answers from the upper right, the near one speaks from the lower left.
const FAR = { x: 26, y: 14, width: 26, height: 19, radius: 7, tail: [[42, 30], [48, 41], [36, 32]] }
const NEAR = { x: 12, y: 26, width: 28, height: 20, radius: 7, tail: [[18, 42], [16, 54], [28, 45]] }
const GAP = 2.2

const rgb = (hex) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16))

function roundedBox(x, y, box) {
  const dx = Math.abs(x - box.x - box.width / 2) - box.width / 2 + box.radius
  const dy = Math.abs(y - box.y - box.height / 2) - box.height / 2 + box.radius
  return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - box.radius
}

function polygon(x, y, points) {
  let distance = Infinity
  let inside = false
  points.forEach(([ax, ay], index) => {
    const [bx, by] = points[(index + points.length - 1) % points.length]
    const [ex, ey, wx, wy] = [bx - ax, by - ay, x - ax, y - ay]
    const along = Math.min(1, Math.max(0, (wx * ex + wy * ey) / (ex * ex + ey * ey)))
    distance = Math.min(distance, Math.hypot(wx - ex * along, wy - ey * along))
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside
  })
  return inside ? -distance : distance
}

const bubble = (x, y, shape) => Math.min(roundedBox(x, y, shape), polygon(x, y, shape.tail) - 0.6)

function pixel(x, y, unit, colours, corner) {
  const cover = (distance) => Math.min(1, Math.max(0, 0.5 - distance / unit))
  const near = bubble(x, y, NEAR)
  const layers = [
    [colours.far, cover(bubble(x, y, FAR)) * (1 - cover(near - GAP))],
    [colours.near, cover(near)],
  ]
  let colour = rgb(colours.ground)
  for (const [hex, alpha] of layers) colour = rgb(hex).map((value, index) => colour[index] + (value - colour[index]) * alpha)
  return [...colour.map(Math.round), Math.round(255 * cover(roundedBox(x, y, { x: 0, y: 0, width: 64, height: 64, radius: corner })))]
}

// `inset`: a maskable icon is cut to a circle by some systems, so that its mark stays in the middle 80 %.
function png(size, colours, { corner, inset = 0 }) {
  const rows = Buffer.alloc(size * (size * 4 + 1))
  const unit = 64 / size / (1 - 2 * inset)
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const [x, y] = [(column + 0.5) * unit, (row + 0.5) * unit].map((value) => value - (64 * inset) / (1 - 2 * inset))
      const values = pixel(x, y, unit, colours, corner)
      if (inset > 0) values[3] = 255
      rows.set(values, row * (size * 4 + 1) + 1 + column * 4)
    }
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header.set([8, 6, 0, 0, 0], 8)
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', header), chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0))])
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data])
  const framed = Buffer.alloc(body.length + 8)
  framed.writeUInt32BE(data.length, 0)
  framed.set(body, 4)
  framed.writeUInt32BE(crc32(body), body.length + 4)
  return framed
}

function svg(colours) {
  const draw = (shape, fill, extra = '') =>
    `<g fill="${fill}" ${extra}><rect x="${shape.x}" y="${shape.y}" width="${shape.width}" height="${shape.height}" rx="${shape.radius}"/>` +
    `<path d="M${shape.tail.map((point) => point.join(' ')).join('L')}z" stroke="${extra ? colours.ground : fill}" stroke-width="1.2" stroke-linejoin="round"/></g>`
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">' +
    `<rect width="64" height="64" rx="15" fill="${colours.ground}"/>${draw(FAR, colours.far)}` +
    `${draw(NEAR, colours.ground, `stroke="${colours.ground}" stroke-width="${GAP * 2}" stroke-linejoin="round"`)}${draw(NEAR, colours.near)}</svg>\n`
  )
}

for (const [app, colours] of Object.entries(APPS)) {
  const folder = new URL(`../src/apps/${app}/public/icons/`, import.meta.url)
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL('mark.svg', folder), svg(colours))
  for (const size of [192, 512]) writeFileSync(new URL(`${size}.png`, folder), png(size, colours, { corner: 15 }))
  writeFileSync(new URL('maskable.png', folder), png(512, colours, { corner: 0, inset: 0.1 }))
  writeFileSync(new URL('apple.png', folder), png(180, colours, { corner: 0 }))
}
