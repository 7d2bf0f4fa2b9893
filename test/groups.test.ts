// A test file that was renamed must stay in its group: a pattern that matches nothing runs nothing.
import { globSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { root } from './helpers/clone.ts'
import { ALONE, BEHIND, BESIDE } from './setup/groups.ts'
import { NODE26_ALONE, NODE26_TESTS } from './setup/node26.ts'

const files = globSync('{cli,install,kernel,post,service,start,test}/**/*.test.ts', { cwd: root })
const matches = (pattern: string) => files.filter((file) => new RegExp(pattern).test(file))

test.each([...ALONE, ...BEHIND, ...NODE26_TESTS, ...NODE26_ALONE])(
  'there is a test file of %s',
  (pattern) => {
    expect(matches(pattern)).not.toEqual([])
  },
)

test('each test file is in one group', () => {
  const inGroups = [...new Set(ALONE.flatMap(matches)), ...BEHIND.flatMap(matches)]
  expect([...inGroups, ...matches(BESIDE)].toSorted()).toEqual(files.toSorted())
})
