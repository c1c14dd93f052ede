// Compares what each built app loads at its start, and with each lazy route, with the budgets of the design. `npm run size`.
import { existsSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const DIST = new URL('../../src/rapport/web_dist/', import.meta.url)
// KiB, gzip -9.
const BUDGETS = {
  c: { js: 110, css: 15, lazy: 40 },
  staff: { js: 170, css: 20, lazy: 60 },
  admin: { js: 250, css: 30, lazy: 120 },
}

const gzipped = (app, file) => gzipSync(readFileSync(new URL(`${app}/${file}`, DIST)), { level: 9 }).length

/** A chunk with everything that it cannot start without. */
function closure(manifest, key, seen = new Set()) {
  if (seen.has(key)) return seen
  seen.add(key)
  for (const next of manifest[key].imports ?? []) closure(manifest, next, seen)
  return seen
}

/** What is there in any case when a lazy chunk is asked for: the start, and with it whoever asks. */
function there(manifest, key, entry) {
  const askers = Object.keys(manifest).filter((each) => manifest[each].dynamicImports?.includes(key))
  const loaded = askers.map((asker) => closure(manifest, asker, new Set(entry)))
  const inAll = [...(loaded[0] ?? entry)].filter((each) => loaded.every((keys) => keys.has(each)))
  return new Set([...entry, ...inAll])
}

function weigh(app, manifest, keys) {
  const js = new Set(keys.map((key) => manifest[key].file).filter((file) => file.endsWith('.js')))
  const css = new Set(keys.flatMap((key) => manifest[key].css ?? []))
  const sum = (files) => [...files].reduce((total, file) => total + gzipped(app, file), 0) / 1024
  return { js: sum(js), css: sum(css) }
}

let failed = false
for (const [app, budget] of Object.entries(BUDGETS)) {
  const file = new URL(`${app}/.vite/manifest.json`, DIST)
  if (!existsSync(file)) {
    if (process.argv.includes('--if-built')) continue
    throw new Error(`${app} is not built: npm run build`)
  }
  const manifest = JSON.parse(readFileSync(file, 'utf8'))
  const entries = Object.keys(manifest).filter((key) => manifest[key].isEntry)
  const entry = new Set(entries.flatMap((key) => [...closure(manifest, key)]))
  const start = weigh(app, manifest, [...entry])
  const lazy = Object.keys(manifest)
    .filter((key) => manifest[key].isDynamicEntry && !entry.has(key))
    .map((key) => {
      const known = there(manifest, key, entry)
      return { key, js: weigh(app, manifest, [...closure(manifest, key)].filter((each) => !known.has(each))).js }
    })
    .sort((first, second) => second.js - first.js)
  const lines = [
    ['entry JS', start.js, budget.js],
    ['entry CSS', start.css, budget.css],
    ...lazy.slice(0, 3).map(({ key, js }) => [`lazy ${key.replace(/^(\.\.\/)+/, '')}`, js, budget.lazy]),
  ]
  for (const [what, size, most] of lines) {
    const over = size > most
    failed ||= over
    console.log(`${over ? 'OVER' : 'ok  '} ${app.padEnd(6)} ${size.toFixed(1).padStart(6)} of ${String(most).padStart(3)} KiB  ${what}`)
  }
}
if (failed) process.exitCode = 1
