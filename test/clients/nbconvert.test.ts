// `jupyter nbconvert`: executes TypeScript notebooks, and makes programs and pages of them.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { startVenv } from '../../start/clone.ts'
import { inVenv } from '../../start/venv.ts'
import { testHome } from '../helpers/clone.ts'
import type { TestHome } from '../helpers/clone.ts'
import { readNotebook, shownBy, writeNotebook } from '../helpers/notebook-file.ts'
import { finish } from '../helpers/program.ts'

const LIMIT = 60_000
const CELLS = [
  'const depth: number = 10\ndepth',
  "[{ name: 'Ada', born: 1815 }, { name: 'Grace', born: 1906 }]",
  "throw new RangeError('too far')",
  "display.markdown('**last**')",
]

let home: TestHome
beforeAll(async () => {
  home = await testHome()
}, LIMIT)
afterAll(async () => {
  await home[Symbol.asyncDispose]()
}, LIMIT)

const nbconvert = (...words: string[]) =>
  finish(inVenv(startVenv.folder, 'jupyter'), ['nbconvert', ...words], {
    env: home.env,
    cwd: home.notebooks,
  })

test(
  'a notebook is executed; its first error fails the command, which shows it and writes nothing',
  async () => {
    writeNotebook(join(home.notebooks, 'fails.ipynb'), CELLS)
    const ran = await nbconvert('--to', 'notebook', '--execute', 'fails.ipynb', '--output', 'no')
    expect(ran.code).toBe(1)
    expect(stripVTControlCharacters(ran.stderr)).toMatch(
      /at In \[3\], line 1[^]*RangeError: too far/,
    )
    expect(existsSync(join(home.notebooks, 'no.ipynb'))).toBe(false)
  },
  LIMIT,
)

test(
  'with --allow-errors all of it is executed; the result becomes a .ts program and a page',
  async () => {
    writeNotebook(join(home.notebooks, 'in.ipynb'), CELLS)
    const words = ['--to', 'notebook', '--execute', '--allow-errors', 'in.ipynb', '--output', 'out']
    expect(await nbconvert(...words)).toMatchObject({ code: 0 })
    const { cells, metadata } = readNotebook(join(home.notebooks, 'out.ipynb'))
    expect(cells.map(shownBy)).toEqual([
      ['10'],
      [expect.stringContaining("name: 'Ada'")],
      ['error: RangeError: too far'],
      [expect.stringContaining('**last**')],
    ])
    expect(metadata['language_info']).toMatchObject({ name: 'typescript', file_extension: '.ts' })

    expect(await nbconvert('--to', 'script', 'out.ipynb')).toMatchObject({ code: 0 })
    const program = readFileSync(join(home.notebooks, 'out.ts'), 'utf8')
    for (const source of CELLS) expect(program).toContain(source)

    expect(await nbconvert('--to', 'html', 'out.ipynb')).toMatchObject({ code: 0 })
    const page = readFileSync(join(home.notebooks, 'out.html'), 'utf8')
    expect(page).toMatch(/<td>Ada<\/td>\s*<td>1815<\/td>/)
    expect(page).toContain('<strong>last</strong>')
    // The code is coloured as TypeScript.
    expect(page).toMatch(/<span class="kd">const<\/span>/)
    expect(page).toMatch(/<span class="ansi[^>]*>RangeError<\/span>/)
  },
  2 * LIMIT,
)
