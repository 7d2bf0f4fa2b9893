// Text from outside meets linear patterns only: a checker of regular expressions looks at each one of the sources. What it cannot see
// into, bounded repeats of thousands, is tried with a megabyte (`inputs.test.ts`).
import { expect, test } from '@jest/globals'
import { check } from 'recheck'
import type { Pattern } from './helpers/pattern.ts'
import { pythonPatterns } from './helpers/python-patterns.ts'
import { typescriptPatterns } from './helpers/typescript-patterns.ts'

/** All patterns of a language in a minute or two; it takes 25 s on a calm machine. */
const LIMIT = 300_000
/** ms that one pattern may take to be judged. */
const PATIENCE = 30_000

/** The linear ones that the checker holds for worse. Place -> why they are not. */
const PROVEN: Readonly<Record<string, string>> = {}

/** `place pattern: why`, of each that is not known to be linear. */
async function notLinear(patterns: readonly Pattern[]): Promise<string[]> {
  const found: string[] = []
  const judged = new Map<string, Promise<string | undefined>>()
  for (const { place, source, flags } of patterns) {
    const key = `/${source}/${flags}`
    judged.set(key, judged.get(key) ?? verdict(source, flags))
    const why = await judged.get(key)
    if (why !== undefined && !(place.replace(/:\d+$/, '') in PROVEN)) {
      found.push(`${place} ${key}: ${why}`)
    }
  }
  return found
}

/** Undefined if it is linear. */
async function verdict(source: string, flags: string): Promise<string | undefined> {
  // Of no matter to time, and unknown to the checker: `d` asks for the places of groups.
  const result = await check(source, flags.replace('d', ''), { timeout: PATIENCE })
  switch (result.status) {
    case 'safe':
      return undefined
    case 'vulnerable':
      return `${result.complexity.summary}, by ${result.attack.pattern.slice(0, 200)}`
    case 'unknown':
      return JSON.stringify(result.error)
  }
}

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
    const { patterns, unknown } = await typescriptPatterns()
    expect(patterns.length).toBeGreaterThan(200)
    expect(unknown).toEqual([])
    expect(await notLinear(patterns)).toEqual([])
  },
  LIMIT,
)

test(
  'every regular expression of the Python package is linear',
  async () => {
    const { patterns, unknown } = await pythonPatterns()
    expect(patterns.length).toBeGreaterThan(50)
    // The patterns of post/secret-shapes.ts, with START and END in words of Python's.
    expect(unknown).toEqual([expect.stringMatching(/jupyterpost\/posting\/secret_places\.py:\d+$/)])
    expect(await notLinear(patterns)).toEqual([])
  },
  LIMIT,
)
