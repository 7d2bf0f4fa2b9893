// Type errors where a person meets them: below the cell in JupyterLab, in both themes, also of
// cells of Run All; and in a notebook that nbclient executes, which stops listening at a cell's
// end.
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Jupyter } from '../../start/jupyter.ts'
import { openBrowser } from '../../start/lab-page.ts'
import { root, testHome } from '../helpers/clone.ts'
import type { TestHome } from '../helpers/clone.ts'
import { writeNotebook } from '../helpers/notebook-file.ts'
import { contrasts } from './helpers/contrast.ts'
import { executeNotebooks } from './helpers/executed.ts'
import { LabNotebook } from './helpers/lab-notebook.ts'

const LIMIT = 120_000
/** `UPDATE_PICTURES=1` writes docs/pictures anew. */
const writesPictures = process.env['UPDATE_PICTURES'] === '1'

const CELLS = [
  "interface Run { name: string; loss: number }\nconst runs: Run[] = [{ name: 'first', loss: 0.4 }]",
  'const report = (run: Run) => `${run.name}: ${run.los}`\nreport(runs[0])',
  'await new Promise((resolve) => setTimeout(resolve, 500))',
  'const count: string = runs.length\ncount',
]

let home: TestHome
let browser: Browser
let server: Jupyter
let page: Page

beforeAll(async () => {
  // The colours of errors are looked at.
  process.env['NO_COLOR'] = ''
  home = await testHome()
  browser = await openBrowser()
  server = await home.jupyter('lab')
  page = await browser.newPage({ viewport: { width: 1000, height: 700 } })
}, LIMIT)

afterAll(async () => {
  await browser.close()
  await home[Symbol.asyncDispose]()
}, LIMIT)

test(
  'JupyterLab shows type errors below their own cells, readable in light and dark',
  async () => {
    const path = join(home.notebooks, 'typed.ipynb')
    const notebook = await LabNotebook.write(page, server, path, [...CELLS])
    await notebook.ready()
    for (const index of CELLS.keys()) await notebook.start(index)
    await notebook.shows(1, /error TS2551/)
    await notebook.shows(3, /error TS2322/)
    expect(await notebook.output(0)).toBe('')
    expect(await notebook.output(1)).toContain("Did you mean 'loss'?")
    expect(await notebook.output(1)).toMatch(/In \[\d\], line 1, column 50/)
    expect(await notebook.output(2)).toBe('')
    for (const theme of ['JupyterLab Dark', 'JupyterLab Light']) {
      await notebook.menu('Settings', 'Theme', theme)
      await page.locator(`body[data-jp-theme-name="${theme}"]`).waitFor({ state: 'attached' })
      const ratios = await contrasts(page, '.jp-OutputArea-output pre *')
      expect(ratios.length).toBeGreaterThan(5)
      expect(Math.min(...ratios)).toBeGreaterThan(3)
      if (!writesPictures) continue
      const name = theme.endsWith('Dark') ? 'type-error-dark.png' : 'type-error.png'
      await page.locator('.jp-Notebook').screenshot({ path: join(root, 'docs/pictures', name) })
    }
  },
  LIMIT,
)

test(
  'nbclient finds the type errors of each cell in its notebook, those of the first cell too',
  async () => {
    const wrong = ["const n: number = 'x'", '1', "const m: number = 'y'"]
    writeNotebook(join(home.notebooks, 'headless.ipynb'), wrong)
    const executed = await executeNotebooks(home, ['headless.ipynb'])
    const texts = executed
      .get('headless.ipynb')
      ?.cells.map(({ outputs }) =>
        outputs.map(({ text = '' }) => stripVTControlCharacters(text).split(':')[0]).join(),
      )
    expect(texts).toEqual(['error TS2322', '', 'error TS2322'])
  },
  LIMIT,
)
