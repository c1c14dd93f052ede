/** Tells a page which lazy parts it will need at once, so that they come beside its entry instead of after it. */
import type { IndexHtmlTransformResult, Plugin, Rolldown } from 'vite'
import type { WebApp } from './apps.ts'

type Bundle = Rolldown.OutputBundle

export function pagePreloads(app: WebApp): Plugin {
  return {
    name: 'rapport-page-preloads',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, context): IndexHtmlTransformResult | undefined {
        const { bundle } = context
        const page = context.filename.split('/').pop() ?? ''
        if (bundle === undefined) return undefined
        const files = new Set((app.preloads[page] ?? []).flatMap((module) => [...chunksOf(bundle, module)]))
        return [...files]
          .filter((file) => !html.includes(file))
          .map((file) => ({ tag: 'link', attrs: { rel: 'modulepreload', crossorigin: true, href: app.base + file }, injectTo: 'head' as const }))
      },
    },
  }
}

/** The chunk made of a module, with everything that it cannot start without. */
function chunksOf(bundle: Bundle, module: string): Set<string> {
  const found = Object.values(bundle).find((each) => each.type === 'chunk' && each.facadeModuleId?.endsWith(module) === true)
  if (found === undefined) throw new Error(`No chunk of its own for ${module}: it is not loaded lazily any more.`)
  const files = new Set<string>()
  const collect = (file: string): void => {
    const chunk = bundle[file]
    if (files.has(file) || chunk?.type !== 'chunk') return
    files.add(file)
    chunk.imports.forEach(collect)
  }
  collect(found.fileName)
  return files
}
