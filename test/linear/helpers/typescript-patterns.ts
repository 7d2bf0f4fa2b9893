// All regular expressions in the TypeScript sources: literals by their syntax tree; those made by
// `new RegExp` by loading the modules that do so, with a constructor that notes what it makes and
// for whom.
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseSync, Visitor } from 'oxc-parser'
import type { Pattern } from './pattern.ts'

const root = join(import.meta.dirname, '../../..')

/** Sources that read text from outside, without their tests. */
export const SOURCES: readonly string[] = [
  'service',
  'post',
  'kernel/src',
  'cli',
  'install',
  'start',
]
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      join(folder, name),
    ),
  )
  .concat('install.ts')
  .filter((path) => path.endsWith('.ts') && !/(?:^|\/)(?:test|fixtures|node_modules)\//.test(path))

export interface TypeScriptPatterns {
  patterns: Pattern[]
  /** Places of `new RegExp` that loading the module did not reach: their patterns are unknown. */
  unknown: string[]
}

export async function typescriptPatterns(): Promise<TypeScriptPatterns> {
  const patterns: Pattern[] = []
  const constructions: string[] = []
  for (const path of SOURCES) {
    const text = readFileSync(join(root, path), 'utf8')
    const place = (offset: number) => `${path}:${text.slice(0, offset).split('\n').length}`
    const construction = (callee: { type: string }, start: number) => {
      if ('name' in callee && callee.name === 'RegExp') constructions.push(place(start))
    }
    new Visitor({
      Literal(node) {
        if (!('regex' in node)) return
        const { pattern: source, flags } = node.regex
        patterns.push({ place: place(node.start), source, flags })
      },
      NewExpression: ({ callee, start }) => construction(callee, start),
      CallExpression: ({ callee, start }) => construction(callee, start),
    }).visit(parseSync(path, text).program)
  }
  const made = await madeByLoading(constructions.map((place) => place.replace(/:\d+$/, '')))
  const known = new Set(made.map(({ place }) => place))
  return {
    patterns: [...patterns, ...made],
    unknown: constructions.filter((place) => !known.has(place)),
  }
}

async function madeByLoading(paths: readonly string[]): Promise<Pattern[]> {
  const made: Pattern[] = []
  const { RegExp } = globalThis
  globalThis.RegExp = new Proxy(RegExp, {
    construct(target, [source, flags = '']: [string | RegExp, string?], newTarget) {
      const place = callerInSources()
      const pattern: unknown = Reflect.construct(target, [source, flags], newTarget)
      if (!(pattern instanceof target)) throw new TypeError('No regular expression was made')
      if (place !== undefined) made.push({ place, source: pattern.source, flags: pattern.flags })
      return pattern
    },
  })
  try {
    for (const path of new Set(paths)) await import(join(root, path))
  } finally {
    globalThis.RegExp = RegExp
  }
  return made
}

/** Place in the sources that asked for a regular expression; undefined if a package did. */
function callerInSources(): string | undefined {
  for (const line of new Error('where').stack?.split('\n') ?? []) {
    const [, file = '', at = ''] = /(?:file:\/\/|\()?(\/[^():]+):(\d+):\d+\)?$/.exec(line) ?? []
    const path = relative(root, file)
    if (path.startsWith('node_modules/')) return undefined
    if (SOURCES.includes(path)) return `${path}:${at}`
  }
  return undefined
}
