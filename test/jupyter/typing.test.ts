// Typing in JupyterLab, in Chromium: Tab on a typed object of a cell that has not run while another
// one spins, and Shift+Tab inside a call. `UPDATE_PICTURES=1` writes docs/pictures anew.
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openBrowser } from '../../start/lab-page.ts'
import { root, testHome } from '../helpers/clone.ts'
import type { TestHome } from '../helpers/clone.ts'
import { LabNotebook } from './helpers/lab-notebook.ts'

const LIMIT = 120_000
const CELLS = [
  `interface Reading {
  depth: number
  /** In degrees Celsius. */
  temperature: number
  taken: Date
}
/**
 * Corrects a reading.
 * @param reading - as the sensor gave it
 * @param by - degrees that are added
 */
function corrected(reading: Reading, by: number, ...notes: string[]): Reading {
  return { ...reading, temperature: reading.temperature + by }
}`,
  'while (true) {}',
  '',
]

let home: TestHome
let browser: Browser
let page: Page

beforeAll(async () => {
  home = await testHome()
  browser = await openBrowser()
  page = await browser.newPage({ viewport: { width: 900, height: 640 } })
}, LIMIT)

afterAll(async () => {
  await browser.close()
  await home[Symbol.asyncDispose]()
}, LIMIT)

test(
  'while a cell spins, Tab completes a typed object of a cell that has not run, Shift+Tab marks the parameter',
  async () => {
    const server = await home.jupyter('lab')
    const path = join(home.notebooks, 'typing.ipynb')
    const notebook = await LabNotebook.write(page, server, path, CELLS)
    await notebook.ready()
    await notebook.leaveNotebookAlone()
    await notebook.runCell(0)
    await notebook.start(1)
    await notebook.kernelStatus('Busy')
    await notebook.type(2, 'const readings: Reading[] = []\nreadings[0].t')
    await page.keyboard.press('Tab')
    const items = page.locator('.jp-Completer-item')
    await items.filter({ hasText: 'temperature' }).waitFor()
    expect(await items.locator('.jp-Completer-match').allInnerTexts()).toEqual([
      'taken',
      'temperature',
    ])
    await picture('typing-tab')
    await page.keyboard.press('Escape')
    await page.keyboard.insertText('emperature\ncorrected(readings[0], ')
    await page.keyboard.press('Shift+Tab')
    const tooltip = page.locator('.jp-Tooltip')
    await tooltip.getByText('degrees that are added').waitFor()
    expect(await tooltip.locator('strong').allInnerTexts()).toEqual(['by: number'])
    await picture('typing-call')
    await notebook.button('interrupt-kernel')
    await notebook.ready()
  },
  LIMIT,
)

async function picture(name: string): Promise<void> {
  if (process.env['UPDATE_PICTURES'] !== '1') return
  const notebook = page.locator('.jp-NotebookPanel-notebook')
  await notebook.screenshot({ path: join(root, `docs/pictures/${name}.png`) })
}
