/** Adds `sw.js` to a build: the service worker with the list of the app's own files and a version made of their content. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Plugin } from 'vite'
import type { WebApp } from './apps.ts'

const WORKER = join(import.meta.dirname, 'service_worker.js')

export function appShell(app: WebApp): Plugin {
  let dist = ''
  return {
    name: 'rapport-app-shell',
    apply: 'build',
    configResolved: (config) => {
      dist = resolve(config.root, config.build.outDir)
    },
    closeBundle: {
      sequential: true,
      handler() {
        writeFileSync(join(dist, 'sw.js'), renderWorker(readFileSync(WORKER, 'utf8'), app.base, shellFiles(dist)))
      },
    },
  }
}

export interface ShellFile {
  name: string
  content: Uint8Array
}

/** Everything the app is made of; icons are the operating system's business. */
function shellFiles(dist: string): ShellFile[] {
  const names = readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(html|js|css|svg|webmanifest)$/.test(name) && name !== 'sw.js' && !name.startsWith('.vite'))
    .filter((name) => statSync(join(dist, name)).isFile())
  return names.sort().map((name) => ({ name, content: readFileSync(join(dist, name)) }))
}

export function renderWorker(source: string, base: string, files: readonly ShellFile[]): string {
  const hash = createHash('sha256').update(source)
  for (const file of files) hash.update(file.name).update(file.content)
  const shell = { version: hash.digest('hex').slice(0, 12), base, files: files.map((file) => file.name) }
  return source.replace('__SHELL__', JSON.stringify(shell))
}
