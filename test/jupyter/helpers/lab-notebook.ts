// A notebook open in JupyterLab: what its cells show, and its buttons. Every wait is for something
// on the screen.
import { basename, join } from 'node:path'
import type { Locator, Page } from 'playwright-core'
import { LabPage } from '../../../start/lab-page.ts'
import type { Jupyter } from '../../../start/jupyter.ts'
import { writeNotebook } from '../../helpers/notebook-file.ts'

const KERNEL = 'TypeScript (jupyterpost)'

export class LabNotebook extends LabPage {
  readonly #server: Jupyter
  readonly #path: string

  private constructor(page: Page, server: Jupyter, path: string) {
    super(page)
    this.#server = server
    this.#path = path
  }

  /** Writes the cells to a new file in `folder` and opens it. */
  static async write(page: Page, server: Jupyter, path: string, cells: readonly string[]) {
    writeNotebook(path, cells)
    const notebook = new LabNotebook(page, server, path)
    await notebook.reopen()
    return notebook
  }

  /** Reloads the page. */
  async reopen(): Promise<void> {
    await this.open(this.#server, basename(this.#path))
  }

  async ready(): Promise<void> {
    await this.kernelIdle(KERNEL)
  }

  async kernelStatus(status: 'Busy'): Promise<void> {
    await this.page.locator('#jp-main-statusbar').getByText(`${KERNEL} | ${status}`).waitFor()
  }

  async type(index: number, code: string): Promise<void> {
    await this.cells.nth(index).locator('.cm-content').click()
    await this.page.keyboard.insertText(code)
  }

  /** Runs the cell without waiting. */
  async start(index: number): Promise<Locator> {
    const cell = this.cells.nth(index)
    await cell.locator('.cm-content').click()
    await this.page.keyboard.press('Control+Enter')
    return cell
  }

  /** Resolves when the cell shows this text. */
  async shows(index: number, text: string | RegExp): Promise<void> {
    await this.cells.nth(index).locator('.jp-OutputArea').getByText(text).first().waitFor()
  }

  /** What the cell shows, without its number. */
  async output(index: number): Promise<string> {
    const texts = await this.cells.nth(index).locator('.jp-OutputArea-output').allInnerTexts()
    return texts.join('\n').trim()
  }

  /** `[1]:`, `[*]:` while it runs or waits, `[ ]:` before. */
  async prompts(): Promise<string[]> {
    return this.cells.locator('.jp-InputPrompt').allInnerTexts()
  }

  async button(command: 'interrupt-kernel' | 'restart-kernel'): Promise<void> {
    await this.page
      .locator(`.jp-NotebookPanel-toolbar [data-command="notebook:${command}"]`)
      .click()
  }

  /** Chooses in the menu bar, by the words of menu, submenu and entry. */
  async menu(...words: readonly [string, ...string[]]): Promise<void> {
    const [first, ...rest] = words
    await this.page.getByRole('menuitem', { name: first, exact: true }).click()
    for (const word of rest)
      await this.page.locator('.lm-Menu-itemLabel').getByText(word, { exact: true }).click()
  }

  /** Says yes in the open dialog. */
  async confirm(): Promise<void> {
    await this.page.locator('.jp-Dialog-button.jp-mod-accept').click()
    await this.page.locator('.jp-Dialog').waitFor({ state: 'detached' })
  }

  /** Makes the file what the page shows. */
  async save(): Promise<void> {
    const saved = this.page.waitForResponse(
      (answer) =>
        answer.request().method() === 'PUT' && answer.url().includes(basename(this.#path)),
    )
    await this.page.keyboard.press('Control+s')
    await saved
  }

  file(name: string): string {
    return join(this.#path, '..', name)
  }
}
