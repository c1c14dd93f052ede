/**
 * The part of ICU MessageFormat that this product needs: {name}, {name, plural, =0 {…} one {…} other {…}} with #,
 * and {name, select, a {…} other {…}}. Parsed once per text.
 */
export type Params = Readonly<Record<string, string | number>>

type Node =
  | { kind: 'literal'; text: string }
  | { kind: 'value'; name: string }
  | { kind: 'count' }
  | { kind: 'choice'; name: string; plural: boolean; arms: ReadonlyMap<string, readonly Node[]> }

export type Template = readonly Node[]

export function parseTemplate(source: string): Template {
  const reader = { source, at: 0 }
  const nodes = readNodes(reader, false)
  if (reader.at < source.length) throw new Error(`Unexpected } at ${reader.at} in “${source}”`)
  return nodes
}

interface Reader {
  source: string
  at: number
}

function readNodes(reader: Reader, inPlural: boolean): Node[] {
  const nodes: Node[] = []
  let text = ''
  const flush = () => {
    if (text) nodes.push({ kind: 'literal', text })
    text = ''
  }
  while (reader.at < reader.source.length) {
    const char = reader.source[reader.at] as string
    if (char === '}') break
    reader.at += 1
    if (char === '{') {
      flush()
      nodes.push(readArgument(reader))
    } else if (char === '#' && inPlural) {
      flush()
      nodes.push({ kind: 'count' })
    } else text += char
  }
  flush()
  return nodes
}

function readArgument(reader: Reader): Node {
  const name = readUntil(reader, /[,}]/)
  if (take(reader, '}')) return { kind: 'value', name }
  take(reader, ',')
  const kind = readUntil(reader, /,/)
  take(reader, ',')
  if (kind !== 'plural' && kind !== 'select') throw new Error(`Unknown kind “${kind}” in “${reader.source}”`)
  const arms = new Map<string, readonly Node[]>()
  while (!take(reader, '}')) {
    const key = readUntil(reader, /\{/)
    take(reader, '{')
    arms.set(key, readNodes(reader, kind === 'plural'))
    if (!take(reader, '}')) throw new Error(`Unclosed { in “${reader.source}”`)
    while (/\s/.test(reader.source[reader.at] ?? '')) reader.at += 1
  }
  if (!arms.has('other')) throw new Error(`No “other” in “${reader.source}”`)
  return { kind: 'choice', name, plural: kind === 'plural', arms }
}

function readUntil(reader: Reader, end: RegExp): string {
  const start = reader.at
  while (reader.at < reader.source.length && !end.test(reader.source[reader.at] as string)) reader.at += 1
  if (reader.at >= reader.source.length) throw new Error(`Unclosed { in “${reader.source}”`)
  return reader.source.slice(start, reader.at).trim()
}

function take(reader: Reader, char: string): boolean {
  if (reader.source[reader.at] !== char) return false
  reader.at += 1
  return true
}

export interface Rendering {
  locale: string
  /** Applied to the fixed parts alone, never to what is filled in. */
  literal?: (text: string) => string
}

export function renderTemplate(nodes: Template, params: Params, rendering: Rendering, count?: number): string {
  return nodes.map((node) => renderNode(node, params, rendering, count)).join('')
}

function renderNode(node: Node, params: Params, rendering: Rendering, count: number | undefined): string {
  switch (node.kind) {
    case 'literal':
      return rendering.literal ? rendering.literal(node.text) : node.text
    case 'count':
      return formatValue(count ?? 0, rendering.locale)
    case 'value':
      return formatValue(params[node.name] ?? `{${node.name}}`, rendering.locale)
    case 'choice': {
      const value = params[node.name] ?? ''
      const arm = node.arms.get(armOf(node, value, rendering.locale)) ?? node.arms.get('other') ?? []
      return renderTemplate(arm, params, rendering, node.plural ? Number(value) : count)
    }
  }
}

function armOf(node: Extract<Node, { kind: 'choice' }>, value: string | number, locale: string): string {
  if (!node.plural) return String(value)
  if (node.arms.has(`=${value}`)) return `=${value}`
  return new Intl.PluralRules(locale).select(Number(value))
}

function formatValue(value: string | number, locale: string): string {
  return typeof value === 'number' ? new Intl.NumberFormat(locale).format(value) : value
}

/** The names that a text wants filled in, sorted: two languages of one text must want the same. */
export function namesIn(nodes: Template): string[] {
  const names = new Set<string>()
  const visit = (each: Template) => {
    for (const node of each) {
      if (node.kind === 'value' || node.kind === 'choice') names.add(node.name)
      if (node.kind === 'choice') node.arms.forEach(visit)
    }
  }
  visit(nodes)
  return [...names].sort()
}
