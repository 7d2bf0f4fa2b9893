// JupyterLab (`jupyter lab`) in Chromium with a TypeScript kernel: what a person does with the
// original package, and what the inbox page then shows; then each button, box and key that reaches
// the kernel. One server and one page for all.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Jupyter } from '../../start/jupyter.ts'
import { LabPage, openBrowser } from '../../start/lab-page.ts'
import { inboxPage } from '../../start/relay.ts'
import { testHome } from '../helpers/clone.ts'
import type { TestHome } from '../helpers/clone.ts'
import { until } from '../helpers/until.ts'
import { contrasts } from './helpers/contrast.ts'
import { LabNotebook } from './helpers/lab-notebook.ts'

const LIMIT = 120_000
const STDOUT = '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stdout"]'
let home: TestHome
let browser: Browser
let server: Jupyter
let page: Page

beforeAll(async () => {
  home = await testHome()
  browser = await openBrowser()
  server = await home.jupyter('lab')
  page = await browser.newPage()
}, LIMIT)

afterAll(async () => {
  await browser.close()
  await home[Symbol.asyncDispose]()
}, LIMIT)

/** A notebook with these cells, open, its kernel idle. */
async function opened(name: string, cells: readonly string[]): Promise<LabNotebook> {
  const path = join(home.notebooks, `${name}.ipynb`)
  const notebook = await LabNotebook.write(page, server, path, cells)
  await notebook.ready()
  return notebook
}

test(
  'the two lines of the original README, without semicolons, give a receipt and a post in the inbox page',
  async () => {
    const relay = await home.relay()
    const lab = new LabPage(page)
    await lab.open(server)
    await lab.newNotebook('TypeScript (jupyterpost)')
    await lab.run(`function run_long_computation() {
  let sum = 0
  for (let i = 0; i < 1e7; i++) sum += i
  console.log('sum is', sum)
}`)
    const inbox = await browser.newPage()
    await inbox.goto(await inboxPage(relay))
    const cell = await lab.run('run_long_computation()\n%post @myself Computation done!')
    const shown = await cell.locator('.jp-OutputArea').innerText()
    expect(shown).toContain('sum is 49999995000000')
    expect(shown).toMatch(/inbox/)
    expect(shown).not.toMatch(/error/i)
    // The page was open before the post, which came by itself.
    await inbox.getByText('Computation done!').waitFor({ timeout: LIMIT / 4 })
    // "open" in the receipt lets in this browser, which is new: JupyterLab keeps the code in the
    // link.
    const popup = page.waitForEvent('popup')
    await cell.locator('.jp-OutputArea a', { hasText: 'open' }).click()
    await (await popup).locator('article', { hasText: 'Computation done!' }).waitFor()
  },
  LIMIT,
)

test(
  'the interrupt button ends a loop and a pending await, and the variables stay',
  async () => {
    const notebook = await opened('interrupt', [
      'let kept = 1',
      "console.log('looping'); for (;;) {}",
      "console.log('waiting'); await new Promise(() => {})",
      'kept + 1',
    ])
    await notebook.runCell(0)
    for (const [index, word] of [
      [1, 'looping'],
      [2, 'waiting'],
    ] as const) {
      await notebook.start(index)
      await notebook.shows(index, word)
      await notebook.button('interrupt-kernel')
      await notebook.shows(index, /KeyboardInterrupt/)
    }
    await notebook.start(3)
    await notebook.shows(3, '2')
    expect(await notebook.prompts()).toEqual(['[1]:', '[2]:', '[3]:', '[4]:'])
  },
  LIMIT,
)

test(
  'the restart button gives a new kernel: numbers begin anew, variables are gone',
  async () => {
    const notebook = await opened('restart', ['let kept = 1', 'typeof kept'])
    await notebook.runCell(0)
    await notebook.start(1)
    await notebook.shows(1, "'number'")
    await notebook.button('restart-kernel')
    await notebook.confirm()
    await notebook.ready()
    await notebook.start(1)
    await notebook.shows(1, "'undefined'")
    const prompts = async () => (await notebook.prompts()).join(' ')
    await until(async () => (await prompts()) === '[1]: [1]:', 'both cells are the first', {
      saw: prompts,
    })
  },
  LIMIT,
)

test(
  'input() opens a box with its question; what is typed into a password box is never shown',
  async () => {
    const notebook = await opened('stdin', [
      "const name = await input('name? ')\nname.toUpperCase()",
      "(await input.password('word? ')).length",
      "prompt('sync? ') + '!'",
    ])
    for (const [index, question, type, answer, shown] of [
      [0, 'name? ', null, 'Ada', "'ADA'"],
      [1, 'word? ', 'password', 'secret', '6'],
      [2, 'sync? ', null, 'yes', "'yes!'"],
    ] as const) {
      const cell = await notebook.start(index)
      const box = cell.locator('.jp-Stdin-input')
      await box.waitFor()
      expect(await cell.locator('.jp-Stdin-prompt').innerText()).toBe(question)
      expect(await box.getAttribute('type')).toBe(type)
      await box.fill(answer)
      await box.press('Enter')
      await notebook.shows(index, shown)
    }
    expect(await notebook.output(1)).not.toContain('secret')
  },
  LIMIT,
)

test(
  'an error ends a run of all cells: later cells do not run, and go on with the next number',
  async () => {
    const notebook = await opened('run-all', ['let a = 1', 'throw new Error("stop here")', 'a + 1'])
    await notebook.menu('Run', 'Run All Cells')
    await notebook.shows(1, /stop here/)
    await notebook.ready()
    expect(await notebook.prompts()).toEqual(['[1]:', '[2]:', '[ ]:'])
    await notebook.start(2)
    await notebook.shows(2, '2')
    expect(await notebook.prompts()).toEqual(['[1]:', '[2]:', '[3]:'])
  },
  LIMIT,
)

test(
  'a page that is loaded again while a cell runs finds its kernel at work, then idle with all that the cell did',
  async () => {
    const notebook = await opened('reload', [
      `const { existsSync } = await import('node:fs')
let steps = 1
console.log('step 1')
while (!existsSync('reload.go')) await new Promise((next) => setTimeout(next, 20))
steps += 1`,
      'steps',
    ])
    await notebook.start(0)
    await notebook.shows(0, 'step 1')
    await notebook.save()
    await notebook.reopen()
    await notebook.shows(0, 'step 1')
    await notebook.kernelStatus('Busy')
    writeFileSync(notebook.file('reload.go'), '')
    await notebook.ready()
    await notebook.runCell(1)
    await notebook.shows(1, '2')
    expect((await notebook.prompts())[1]).toBe('[2]:')
  },
  LIMIT,
)

test(
  'Tab lists completions, Shift+Tab tells about the name at the cursor',
  async () => {
    const notebook = await opened('typing', ['const reading = { depth: 10, degrees: 4 }', '', ''])
    await notebook.runCell(0)
    await notebook.type(1, 'reading.de')
    await notebook.page.keyboard.press('Tab')
    const items = notebook.page.locator('.jp-Completer-item')
    await items.filter({ hasText: 'depth' }).waitFor()
    expect(await items.allInnerTexts()).toEqual([
      expect.stringContaining('degrees'),
      expect.stringContaining('depth'),
    ])
    await notebook.page.keyboard.press('Escape')
    await notebook.type(2, 'reading.depth')
    await notebook.page.keyboard.press('Shift+Tab')
    const tooltip = notebook.page.locator('.jp-Tooltip')
    await tooltip.getByText(/10/).first().waitFor()
    await notebook.page.keyboard.press('Escape')
  },
  LIMIT,
)

test(
  'a cell that ends the process says so, and the next cell runs at once without the variables',
  async () => {
    const notebook = await opened('death', ['let kept = 1', 'process.exit(3)', 'typeof kept'])
    await notebook.runCell(0)
    await notebook.runCell(1)
    await notebook.shows(1, /process\.exit/)
    expect(await notebook.output(1)).toMatch(/variables/)
    await notebook.start(2)
    await notebook.shows(2, "'undefined'")
    expect(await notebook.prompts()).toEqual(['[1]:', '[2]:', '[3]:'])
  },
  LIMIT,
)

test(
  'a display is updated where it is, also from a later cell',
  async () => {
    const notebook = await opened('display', [
      "const shown = display('before')",
      "shown.update('after'); 'done'",
    ])
    await notebook.runCell(0)
    await notebook.shows(0, /before/)
    await notebook.runCell(1)
    await notebook.shows(0, /after/)
    expect(await notebook.output(0)).not.toContain('before')
    expect(await notebook.output(1)).toBe("'done'")
  },
  LIMIT,
)

test(
  'the colours of an error read on the light and on the dark theme',
  async () => {
    const notebook = await opened('colours', ['function f() {\n  throw new Error("x")\n}\nf()'])
    await notebook.start(0)
    await notebook.shows(0, 'Error')
    const found: Record<string, number[]> = {}
    for (const theme of ['JupyterLab Dark', 'JupyterLab Light']) {
      await notebook.menu('Settings', 'Theme', theme)
      await notebook.page
        .locator(`body[data-jp-theme-name="${theme}"]`)
        .waitFor({ state: 'attached' })
      found[theme] = await contrasts(page, '.jp-OutputArea-output pre *')
    }
    for (const ratios of Object.values(found)) {
      expect(ratios.length).toBeGreaterThan(5)
      expect(Math.min(...ratios)).toBeGreaterThan(3)
    }
  },
  LIMIT,
)

test(
  'console.log is in colour on both themes, a number in a table shows its digits, and %%javascript runs in the page',
  async () => {
    const notebook = await opened('console', [
      `delete process.env.NO_COLOR
const run = { name: 'ResNet', loss: 0.25, tags: ['a', 'b'], done: true, next: null, at: new Date(0), best: undefined, step() {}, id: 5n }
console.log('run', run)
console.error(new Map([['lr', 1e-3]]))
console.table([{ step: 1, loss: 0.5 }, { step: 2, loss: 0.25 }])`,
      '[1, 2, 3].map((n) => ({ n, third: n / 3, root: Math.sqrt(n) }))',
      "%%javascript\nelement.append('in the page: ' + typeof document.body)",
    ])
    for (const index of [0, 1, 2]) await notebook.runCell(index)
    for (const theme of ['JupyterLab Dark', 'JupyterLab Light']) {
      await notebook.menu('Settings', 'Theme', theme)
      await notebook.page
        .locator(`body[data-jp-theme-name="${theme}"]`)
        .waitFor({ state: 'attached' })
      const ratios = await contrasts(page, `${STDOUT} pre span`)
      expect(ratios.length).toBeGreaterThan(10)
      expect(Math.min(...ratios)).toBeGreaterThan(3)
    }
    const output = notebook.page.locator('.jp-OutputArea-output')
    expect(await output.locator('pre span').first().innerText()).toBe("'ResNet'")
    expect(await output.locator('td[title="0.3333333333333333"]').innerText()).toBe('0.333333')
    await notebook.shows(2, 'in the page: object')
  },
  LIMIT,
)
