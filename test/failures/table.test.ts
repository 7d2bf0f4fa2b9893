// Every test named in CONTRIBUTING.md, "What is tested when something is wrong", exists.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { root } from '../helpers/clone.ts'

const read = (path: string) => readFileSync(join(root, path), 'utf8')

test('every row names tests that exist', () => {
  const table = /^## What is tested when something is wrong\n([^]*?)^## /m.exec(
    read('CONTRIBUTING.md'),
  )
  const named = [...(table?.[1] ?? '').matchAll(/\[\w+\]\(([^)]+)\): (.+?)(?=<br>| *\|$)/gm)]
  expect(named.length).toBeGreaterThan(20)
  const missing = named.filter(([, path = '', title = '']) => !read(path).includes(title))
  expect(missing.map(([whole]) => whole)).toEqual([])
})
