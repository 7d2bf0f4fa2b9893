// JupyterLab in a headless browser, driven as a person would: by what is on the screen, with
// keyboard and mouse.
import { chromium as playwright } from 'playwright-core'
import type { Browser, Locator, Page } from 'playwright-core'
import { chromium } from './chromium.ts'

/** ms until JupyterLab is first drawn, on a cold disk. */
const LAB_LIMIT = 60_000
const CELL_LIMIT = 60_000

export async function openBrowser(): Promise<Browser> {
  const executablePath = chromium()
  if (executablePath === undefined) throw new Error('no Chromium on this machine')
  return playwright.launch({
    executablePath,
    // Chromium has no sandbox for root.
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
}

export class LabPage {
  readonly page: Page
  constructor(page: Page) {
    this.page = page
  }

  /** Opens the launcher of a fresh workspace, or `path` below `/lab/tree/`. */
  async open(server: { url: string; token: string }, path?: string): Promise<void> {
    const place = path === undefined ? 'lab?reset&' : `lab/tree/${path}?reset&`
    await this.page.goto(`${server.url}${place}token=${server.token}`)
    await this.page.locator('#jupyterlab-splash').waitFor({ state: 'detached', timeout: LAB_LIMIT })
    await this.page.locator('.jp-MainAreaWidget').first().waitFor({ timeout: LAB_LIMIT })
  }

  /** Clicks the kernel's card in the launcher, under notebooks; waits until the kernel is ready. */
  async newNotebook(displayName: string): Promise<void> {
    await this.page
      .locator('.jp-Launcher-section', { hasText: 'Notebook' })
      .locator('.jp-LauncherCard', { hasText: displayName })
      .first()
      .click()
    await this.kernelIdle(displayName)
  }

  /** The status bar shows it last, after the connection is made: an earlier cell would be lost. */
  async kernelIdle(displayName: string): Promise<void> {
    await this.page
      .locator('#jp-main-statusbar')
      .getByText(`${displayName} | Idle`)
      .waitFor({ timeout: LAB_LIMIT })
  }

  /** Hides the file browser and the active cell's tools. */
  async leaveNotebookAlone(): Promise<void> {
    await this.page.keyboard.press('Control+b')
    await this.page.locator('#jp-left-stack').waitFor({ state: 'hidden' })
    await this.page.addStyleTag({
      content: `.jp-cell-toolbar { display: none !important }
        .jp-Notebook .jp-Cell { outline: none !important; box-shadow: none !important; padding-bottom: 12px !important }`,
    })
  }

  get cells(): Locator {
    return this.page.locator('.jp-Notebook .jp-CodeCell')
  }

  /** Types into the last cell and runs it. @returns the cell. */
  async run(code: string): Promise<Locator> {
    const last = (await this.cells.count()) - 1
    await this.cells.nth(last).locator('.cm-content').click()
    // Pasted as a whole: while typing, the editor would close brackets.
    await this.page.keyboard.insertText(code)
    return this.runCell(last)
  }

  /** Runs a cell with Shift+Enter; resolves when it has its number. @returns The cell. */
  async runCell(index: number): Promise<Locator> {
    const cell = await this.startCell(index)
    await this.cellEnded(index)
    return cell
  }

  /** Runs a cell with Shift+Enter without waiting for it. @returns The cell. */
  async startCell(index: number): Promise<Locator> {
    const cell = this.cells.nth(index)
    await cell.locator('.cm-content').click()
    await this.page.keyboard.press('Shift+Enter')
    return cell
  }

  /** Resolves when the cell has its number. */
  async cellEnded(index: number): Promise<void> {
    await this.cells
      .nth(index)
      .locator('.jp-InputPrompt', { hasText: /^\[\d+\]:$/ })
      .waitFor({ timeout: CELL_LIMIT })
  }
}
