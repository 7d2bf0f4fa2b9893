// Text from outside meets only linear patterns: a checker of regular expressions looks at each one
// in the sources, and in the documents that they read. It cannot judge the shapes of secrets, since
// it takes repeats of thousands for endless: these may repeat nothing without a bound, and are
// tried with a megabyte (`inputs.test.ts`).
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from '@jest/globals'
import { check } from 'recheck'
import type { Pattern } from './helpers/pattern.ts'
import { pythonPatterns } from './helpers/python-patterns.ts'
import { SOURCES, typescriptPatterns } from './helpers/typescript-patterns.ts'
import type { TypeScriptPatterns } from './helpers/typescript-patterns.ts'

/** Checking all patterns of a language takes 15 s on an idle machine. */
const LIMIT = 300_000
/** Counted in steps rather than time: on a busy machine a pattern is no worse. */
const COUNTED = { timeout: 60_000, attackTimeout: null, incubationTimeout: null }

const SHAPES = 'post/secrets/shapes.ts:'

/** These never meet a long text, so they need not be linear. */
const BOUNDED: ReadonlyArray<{ file: string; beginning: string; why: string }> = [
  {
    file: 'kernel/src/runtime/child/reflect.ts',
    beginning: String.raw`(?<![\p{ID_Continue}$.)`,
    why: 'it reads the last 1000 characters before the cursor',
  },
]

function isBounded({ place, source }: Pattern): boolean {
  return BOUNDED.some(
    ({ file, beginning }) => place.startsWith(`${file}:`) && source.startsWith(beginning),
  )
}

/** `place pattern: why` for each pattern that is not known to be linear. */
async function notLinear(patterns: readonly Pattern[]): Promise<string[]> {
  const found: string[] = []
  const judged = new Map<string, Promise<string | undefined>>()
  for (const { place, source, flags } of patterns) {
    if (place.startsWith(SHAPES) || isBounded({ place, source, flags })) continue
    const key = `/${source}/${flags}`
    judged.set(key, judged.get(key) ?? verdict(source, flags))
    const why = await judged.get(key)
    if (why !== undefined) found.push(`${place} ${key}: ${why}`)
  }
  return found
}

/** Undefined if it is linear. */
async function verdict(source: string, flags: string): Promise<string | undefined> {
  // The checker does not know `d`, which asks for the places of groups and takes no time.
  const result = await check(source, flags.replace('d', ''), COUNTED)
  switch (result.status) {
    case 'safe':
      return undefined
    case 'vulnerable':
      return `${result.complexity.summary}, by ${result.attack.pattern.slice(0, 200)}`
    case 'unknown':
      return JSON.stringify(result.error)
  }
}

let sources: TypeScriptPatterns

beforeAll(async () => {
  sources = await typescriptPatterns()
})

test(
  'the checker tells a pattern that backtracks from one that does not',
  async () => {
    const patterns = [
      { place: 'a:1', source: String.raw`^(a+)+$`, flags: '' },
      { place: 'b:1', source: String.raw`\s+$`, flags: '' },
      { place: 'c:1', source: String.raw`^\s+`, flags: '' },
    ]
    expect(await notLinear(patterns)).toEqual([
      expect.stringContaining('a:1 /^(a+)+$/: exponential'),
      expect.stringContaining(String.raw`b:1 /\s+$/: 2nd degree polynomial`),
    ])
  },
  LIMIT,
)

test(
  'every regular expression of the TypeScript sources is linear',
  async () => {
    expect(sources.patterns.length).toBeGreaterThan(200)
    expect(sources.unknown).toEqual([])
    expect(await notLinear(sources.patterns)).toEqual([])
  },
  LIMIT,
)

test("no source calls Node's stripVTControlCharacters, whose pattern takes the square of the text", () => {
  const root = join(import.meta.dirname, '../..')
  const callers = SOURCES.filter((path) =>
    readFileSync(join(root, path), 'utf8').includes('stripVTControlCharacters'),
  )
  expect(callers).toEqual([])
})

/** What stands under the name `pattern` in a document, at any depth. */
function patternsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, part]) =>
    name === 'pattern' && typeof part === 'string' ? [part] : patternsIn(part),
  )
}

test('every pattern of the contract is among them', () => {
  const folder = join(import.meta.dirname, '../../post/contract')
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
  const known = sources.patterns.map(({ source }) => source)
  const found = names.flatMap((name) =>
    patternsIn(JSON.parse(readFileSync(join(folder, name), 'utf8'))),
  )
  expect(found.length).toBeGreaterThan(80)
  const unseen = found.filter((pattern) => {
    const { source } = new RegExp(pattern)
    return !known.some((one) => one.includes(source))
  })
  expect(unseen).toEqual([])
})

test('a shape of a secret repeats nothing without a bound', () => {
  const shapes = sources.patterns.filter(({ place }) => place.startsWith(SHAPES))
  expect(shapes.length).toBeGreaterThan(80)
  const endless = shapes.filter(({ source }) =>
    /[*+]|\{\d+,\}/.test(source.replaceAll(/\\.|\[(?:[^\]\\]|\\.)*\]/g, '')),
  )
  expect(endless).toEqual([])
})

test(
  'every regular expression of the Python package is linear',
  async () => {
    const { patterns, unknown } = await pythonPatterns()
    expect(patterns.length).toBeGreaterThan(50)
    // The patterns of post/contract/secret-shapes.json: those of post/secrets/shapes.ts.
    expect(unknown).toEqual([expect.stringMatching(/jupyterpost\/posting\/secret_places\.py:\d+$/)])
    expect(await notLinear(patterns)).toEqual([])
  },
  LIMIT,
)
