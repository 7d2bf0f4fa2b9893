// `jupyter nbconvert`: executes TypeScript notebooks, and converts them to programs and pages.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
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

const shell = (command: string) =>
  finish('sh', ['-c', command], { env: home.env, cwd: home.notebooks })

const EXECUTE = 'jupyter nbconvert --to notebook --execute report.ipynb --output done.ipynb'

test(
  'a notebook is executed; its first error fails the command, which shows it and writes nothing',
  async () => {
    writeNotebook(join(home.notebooks, 'report.ipynb'), CELLS)
    const ran = await shell(EXECUTE)
    expect(ran.code).toBe(1)
    expect(stripVTControlCharacters(ran.stderr)).toMatch(
      /at In \[3\], line 1[^]*RangeError: too far/,
    )
    expect(existsSync(join(home.notebooks, 'done.ipynb'))).toBe(false)
  },
  LIMIT,
)

test(
  'with --allow-errors all of it is executed; the result becomes a .ts program and a page',
  async () => {
    writeNotebook(join(home.notebooks, 'report.ipynb'), CELLS)
    expect(await shell(`${EXECUTE} --allow-errors`)).toMatchObject({ code: 0 })
    const { cells, metadata } = readNotebook(join(home.notebooks, 'done.ipynb'))
    expect(cells.map(shownBy)).toEqual([
      ['10'],
      [expect.stringContaining("name: 'Ada'")],
      ['error: RangeError: too far'],
      [expect.stringContaining('**last**')],
    ])
    expect(metadata['language_info']).toMatchObject({ name: 'typescript', file_extension: '.ts' })

    expect(await shell('jupyter nbconvert --to script done.ipynb')).toMatchObject({ code: 0 })
    const program = readFileSync(join(home.notebooks, 'done.ts'), 'utf8')
    for (const source of CELLS) expect(program).toContain(source)

    expect(await shell('jupyter nbconvert --to html done.ipynb')).toMatchObject({ code: 0 })
    const page = readFileSync(join(home.notebooks, 'done.html'), 'utf8')
    expect(page).toMatch(/<td>Ada<\/td>\s*<td>1815<\/td>/)
    expect(page).toContain('<strong>last</strong>')
    // The code is coloured as TypeScript.
    expect(page).toMatch(/<span class="kd">const<\/span>/)
    expect(page).toMatch(/<span class="ansi[^>]*>RangeError<\/span>/)
  },
  2 * LIMIT,
)
