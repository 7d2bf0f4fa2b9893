// What posts of popular libraries show, on Mattermost and in the inbox: the table in
// docs/posting.md is what their recorded outputs become. With JUPYTERPOST_LIBRARIES=all the
// libraries themselves run too, in an environment of their own, which takes minutes.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import sharp from 'sharp'
import { inVenv, prepareVenv } from '../../start/venv.ts'
import { root } from '../helpers/clone.ts'
import { pythonVenv } from '../setup/python.ts'
import { recordAll } from './helpers/record-all.ts'
import { cells, readRecording, RECORDINGS } from './helpers/recordings.ts'
import { SHEET } from './helpers/sheet.ts'
import { documentedTable, rowsOf, tableOf } from './helpers/table.ts'
import type { Row } from './helpers/table.ts'

const LARGEST = 61_000
const LARGEST_IN_ALL = 1_500_000

test('the table of libraries in docs/posting.md is what their posts show', async () => {
  const python = inVenv(await pythonVenv('jupyter'), 'python')
  const rows = await rowsOf(python)
  // After a change that people in a chat will see: `node test/libraries/write.ts`.
  expect(documentedTable()).toEqual(tableOf(rows))
  expect(rows.length).toBeGreaterThanOrEqual(40)
})

test('each cell of a library has a small recording, which ended well', () => {
  const names = readdirSync(RECORDINGS).toSorted()
  expect(names).toEqual(cells().map(({ stem }) => `${stem}.json`))
  const sizes = names.map((name) => statSync(join(RECORDINGS, name)).size)
  expect(Math.max(...sizes)).toBeLessThan(LARGEST)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(LARGEST_IN_ALL)
  for (const { stem } of cells()) expect([stem, readRecording(stem).status]).toEqual([stem, 'ok'])
})

test('the sheet of all libraries is a picture that pages of documentation load quickly', async () => {
  expect((await sharp(SHEET).metadata()).width).toBeGreaterThan(1000)
  expect(statSync(SHEET).size).toBeLessThan(600_000)
})

const withLibraries = process.env.JUPYTERPOST_LIBRARIES === 'all' ? test : test.skip

withLibraries(
  'the libraries themselves give what is recorded of them',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'jupyterpost-libraries-'))
    const venv = {
      folder: join(root, '.venv-libraries'),
      requirements: [join(import.meta.dirname, 'requirements.txt')],
    }
    try {
      await prepareVenv(venv, (line) => process.stderr.write(`${line}\n`))
      await recordAll(cells(), inVenv(venv.folder, 'python'), folder)
      const python = inVenv(await pythonVenv('jupyter'), 'python')
      const fresh = await rowsOf(python, folder)
      expect(fresh.map(kinds)).toEqual((await rowsOf(python)).map(kinds))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
  20 * 60_000,
)

/** Without texts, which contain times and addresses of objects. */
function kinds({ library, version, mattermost, inbox }: Row): object {
  return { [`${library} ${version}`]: [mattermost.kinds, inbox.kinds] }
}
