// Comments and tables that fit a screen: no comment line over 100 columns, no table cell in the
// documentation over 120 characters.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { root } from './helpers/clone.ts'
import { commentLines } from './helpers/comments.ts'
import { finish } from './helpers/program.ts'

const MOST_COLUMNS = 100
const MOST_IN_CELL = 120
/** Cells of the golden set are no sources: magics do not parse. */
const CELLS = 'test/golden/fixtures/'

/** Files of the clone with one of these endings, new ones too. */
async function files(...endings: string[]): Promise<string[]> {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard']
  const { stdout } = await finish('git', args, { cwd: root })
  return stdout
    .split('\n')
    .filter((path) => endings.some((ending) => path.endsWith(ending)))
    .filter((path) => existsSync(join(root, path)))
}

const read = (path: string) => readFileSync(join(root, path), 'utf8')
/** An address cannot be cut. */
const hasAddress = (text: string) => text.includes('://')

test('no comment line has more than 100 columns', async () => {
  const sources = (await files('.ts', '.js', '.py')).filter((path) => !path.startsWith(CELLS))
  expect(sources.length).toBeGreaterThan(400)
  const tooLong = sources.flatMap((path) =>
    commentLines(path, read(path))
      .filter(({ text }) => Array.from(text).length > MOST_COLUMNS && !hasAddress(text))
      .map(({ number }) => `${path}:${number}`),
  )
  expect(tooLong).toEqual([])
})

test('no table cell in the documentation has more than 120 characters', async () => {
  const tooLong = (await files('.md')).flatMap((path) =>
    read(path)
      .split('\n')
      .filter((line) => line.trimStart().startsWith('|'))
      .flatMap((line) => line.split('|').map((cell) => cell.trim()))
      .filter((cell) => Array.from(cell).length > MOST_IN_CELL && !hasAddress(cell))
      .map((cell) => `${path}: ${cell}`),
  )
  expect(tooLong).toEqual([])
})

test.each([
  [
    'a.ts',
    ['const a = 1 // one', "const b = '// two'", '/* three', ' four */ const c = 1'],
    [1, 3, 4],
  ],
  [
    'a.py',
    ['"""One.', 'Two."""', 'a = 1', '    # Five', '"""Six."""', 'b = """7', '# 8', '"""'],
    [1, 2, 4, 5],
  ],
])('comments of %s are found', (path, lines, numbers) => {
  const found = commentLines(path, lines.join('\n')).map(({ number }) => number)
  expect(found).toEqual(numbers)
})
