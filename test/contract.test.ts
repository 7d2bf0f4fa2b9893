// The two copies of what both languages agree on: that of the TypeScript code, and that inside the
// Python package.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

const root = join(import.meta.dirname, '..')

function documents(folder: string): Record<string, string> {
  const names = readdirSync(join(root, folder)).filter((name) => name.endsWith('.json'))
  return Object.fromEntries(
    names.toSorted().map((name) => [name, readFileSync(join(root, folder, name), 'utf8')]),
  )
}

test('the Python package holds the contract as it is (npm run format copies it)', () => {
  const contract = documents('post/contract')
  expect(Object.keys(contract)).toContain('flags.json')
  expect(documents('python/jupyterpost/contract')).toEqual(contract)
})
