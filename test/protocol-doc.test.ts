// docs/protocol.md claims nothing without a test: each test that it names exists, and each row of
// bad input has one.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { claimsOf, unproven } from './helpers/claims.ts'
import { root } from './helpers/clone.ts'

test('every claim names tests that exist', () => {
  const page = readFileSync(join(root, 'docs/protocol.md'), 'utf8')
  const [, section = ''] =
    /^## Sockets and frames\n([^]*?)^## Clients that read slowly/m.exec(page) ?? []
  const claims = claimsOf(section, 'docs')
  expect(claims.length).toBeGreaterThan(60)
  expect(unproven(claims)).toEqual([])
})

test('each of the 92 rows of bad input has a test with its number', () => {
  const source = ['bad-frames', 'bad-requests']
    .map((name) => readFileSync(join(root, `kernel/test/${name}.test.ts`), 'utf8'))
    .join('\n')
  const titled = Array.from(source.matchAll(/'rows? ((?:\d+, )*\d+)[,:]/g), ([, list = '']) => list)
  const numbers = new Set([
    ...titled.flatMap((list) => list.split(', ')),
    ...Array.from(source.matchAll(/^ {2}\[(?:\n {4})?(\d+),/gm), ([, number = '']) => number),
  ])
  const wanted = Array.from({ length: 92 }, (_, i) => String(i + 1))
  expect(wanted.filter((number) => !numbers.has(number))).toEqual([])
})
