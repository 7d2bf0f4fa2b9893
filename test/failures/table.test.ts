// Each case in CONTRIBUTING.md, "What is tested when something is wrong", names tests that exist.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { claimsOf, unproven } from '../helpers/claims.ts'
import { root } from '../helpers/clone.ts'

test('every case names tests that exist', () => {
  const page = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')
  const [, section = ''] =
    /^## What is tested when something is wrong\n([^]*?)^## /m.exec(page) ?? []
  const claims = claimsOf(section)
  expect(claims.length).toBeGreaterThan(15)
  expect(unproven(claims)).toEqual([])
})
