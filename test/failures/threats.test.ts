// Each threat in docs/security.md names what stops it and attacks, each of which is a test that
// exists.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { unproven } from '../helpers/claims.ts'
import type { Claim } from '../helpers/claims.ts'
import { root } from '../helpers/clone.ts'

const page = readFileSync(join(root, 'docs/security.md'), 'utf8')

/** The cells of the table below `## Threats`, without its head. */
function rows(): string[][] {
  const [, section = ''] = page.split(/^## Threats$/m)
  const lines = section.split('\n').filter((line) => line.startsWith('| '))
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
}

/** Word -> path, of `[word]: path`. */
const places = new Map(
  Array.from(page.matchAll(/^\[([a-z]+)\]: \.\.\/(\S+)$/gm), ([, word = '', path = '']) => [
    word,
    join(root, path),
  ]),
)

test('every threat names what stops it, and attacks that are tests', () => {
  const claims: Claim[] = []
  const unstopped: string[] = []
  for (const [threat = '', stops = '', attack = ''] of rows()) {
    if (threat !== '') claims.push({ words: threat, tests: [] })
    if (threat !== '' && stops === '') unstopped.push(threat)
    const [, word = '', title = ''] = /^\[([a-z]+)\]: (.+)$/.exec(attack) ?? []
    claims.at(-1)?.tests.push({ path: places.get(word) ?? '', title })
  }
  expect(claims.length).toBeGreaterThanOrEqual(18)
  expect(unstopped).toEqual([])
  expect(unproven(claims)).toEqual([])
  const empty = claims.flatMap(({ tests }) => tests).filter(({ title }) => title === '')
  expect(empty).toEqual([])
})
