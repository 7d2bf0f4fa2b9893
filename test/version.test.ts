// All places that name the version have the same one, and the changelog has an entry for it.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { root } from './helpers/clone.ts'
import { packageVersion } from '../install/package-root.ts'

test.each([
  ['package-lock.json', /^ {2}"version": "(.*)",$/m],
  ['python/pyproject.toml', /^version = "(.*)"$/m],
  ['python/jupyterpost/__init__.py', /^__version__ = "(.*)"$/m],
  // Changes that are not released yet come above it.
  ['CHANGELOG.md', /^## (\d.*)$/m],
])('%s has the version of package.json', (path, pattern) => {
  expect(pattern.exec(readFileSync(join(root, path), 'utf8'))?.[1]).toBe(packageVersion)
})
