// `bench/relay`, shortened: checks that everything is measured and written, not the figures.
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

import { temporaryFolder } from '../../service/test/helpers/relay.ts'
import { root } from '../helpers/clone.ts'
import { finish } from '../helpers/program.ts'

test('one command measures the relay beside its yardsticks and writes the figures into the documentation', async () => {
  using folder = temporaryFolder()
  mkdirSync(join(folder.path, 'pictures'))
  const document = join(folder.path, 'performance.md')
  copyFileSync(join(root, 'docs/performance.md'), document)
  const { code, stderr } = await finish('node', ['bench/relay/main.ts', folder.path], {
    cwd: root,
    env: { ...process.env, JUPYTERPOST_BENCH: 'small' },
  })
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const text = readFileSync(document, 'utf8')
  const [, figures = ''] =
    /<!-- bench\/relay: begin -->([\s\S]*)<!-- bench\/relay: end -->/.exec(text) ?? []
  const lines = figures.split('\n').filter((line) => line.startsWith('|'))
  // 12 measurements and two sizes of the database, with the heads of both tables.
  expect(lines).toHaveLength(18)
  expect(figures).not.toMatch(/NaN|Infinity|undefined/)
  // What is around the figures stays.
  expect(text.split('<!-- bench')[0]).toBe(
    readFileSync(join(root, 'docs/performance.md'), 'utf8').split('<!-- bench')[0],
  )
  const plot = readFileSync(join(folder.path, 'pictures/relay-flat.svg'), 'utf8')
  expect(plot).toMatch(/^<svg [\s\S]*<\/svg>\n$/)
  expect(plot).not.toContain('NaN')
}, 240_000)
