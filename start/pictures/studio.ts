// Takes pictures of the real programs: a notebook in JupyterLab, the inbox page of its relay, and
// windows side by side.
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import sharp from 'sharp'
import { installKernelspec } from '../../install/kernelspec.ts'
import { clone, cloneEnvironment, startVenv } from '../clone.ts'
import { startJupyter } from '../jupyter.ts'
import { LabPage, openBrowser } from '../lab-page.ts'
import { inboxPage, startRelay } from '../relay.ts'
import { prepareVenv } from '../venv.ts'

const NOTEBOOK = 'training.ipynb'
const KERNEL = 'TypeScript (jupyterpost)'
const GAP = 16
/** Pixels of a picture for each CSS pixel. */
const SCALE = 2
const GROUND = '#d5dbe3'

/** CSS pixels. */
export interface Size {
  width: number
  height: number
}

export interface Studio extends AsyncDisposable {
  /** Folder of the notebook. */
  folder: string
  /** The notebook with an idle kernel and nothing around it. */
  lab: LabPage
  /** Opens another window of the inbox page. */
  inbox(size: Size): Promise<Page>
}

/** @param cells - Sources of the notebook's code cells; they can import `./model.ts`. */
export async function openStudio(cells: readonly string[], size: Size): Promise<Studio> {
  await using stack = new AsyncDisposableStack()
  await prepareVenv(startVenv, (line) => process.stdout.write(`${line}\n`))
  // Inside the clone, so that the model's import of sharp works.
  const state = join(clone, '.state', `picture-${process.pid}`)
  stack.defer(() => rmSync(state, { recursive: true, force: true }))
  const env = cloneEnvironment(state)
  installKernelspec(join(state, 'jupyter/data'), { name: 'jupyterpost' })
  const folder = join(state, 'notebooks')
  writeNotebook(folder, cells)
  const relay = await startRelay(env)
  stack.defer(() => relay.stop())
  const jupyter = await startJupyter({ app: 'lab', env, root: folder })
  stack.defer(() => jupyter.stop())
  const browser = await openBrowser()
  stack.defer(() => browser.close())
  const context = await browser.newContext({ deviceScaleFactor: SCALE, colorScheme: 'light' })
  const lab = new LabPage(await windowOf(context, size))
  await lab.open(jupyter, NOTEBOOK)
  await lab.kernelIdle(KERNEL)
  await lab.leaveNotebookAlone()
  const ending = stack.move()
  return {
    folder,
    lab,
    async inbox(inboxSize) {
      const page = await windowOf(context, inboxSize)
      await page.goto(await inboxPage(relay))
      await page.getByText('live', { exact: true }).waitFor()
      await lab.page.bringToFront()
      return page
    },
    [Symbol.asyncDispose]: () => ending.disposeAsync(),
  }
}

async function windowOf(context: BrowserContext, size: Size): Promise<Page> {
  const page = await context.newPage()
  await page.setViewportSize(size)
  return page
}

function writeNotebook(folder: string, sources: readonly string[]): void {
  mkdirSync(folder, { recursive: true })
  copyFileSync(join(import.meta.dirname, 'model.ts'), join(folder, 'model.ts'))
  const cells = sources.map((source, index) => ({
    cell_type: 'code',
    id: `cell-${index}`,
    metadata: {},
    source,
    execution_count: null,
    outputs: [],
  }))
  const kernelspec = { name: 'jupyterpost', display_name: KERNEL }
  writeFileSync(
    join(folder, NOTEBOOK),
    JSON.stringify({ cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }),
  )
}

/**
 * Writes screenshots as windows side by side on a neutral background, aligned at the top, and
 * prints the path.
 * @param path - Below the clone.
 */
export async function writePicture(path: string, windows: readonly Buffer[]): Promise<void> {
  const gap = SCALE * GAP
  const placed = []
  let left = gap
  let tallest = 0
  for (const input of windows) {
    const { width, height } = await sharp(input).metadata()
    placed.push({ input, left, top: gap })
    left += width + gap
    tallest = Math.max(tallest, height)
  }
  const file = join(clone, path)
  mkdirSync(dirname(file), { recursive: true })
  await sharp({
    create: { width: left, height: tallest + 2 * gap, channels: 3, background: GROUND },
  })
    .composite(placed)
    .png({ palette: true, compressionLevel: 9, effort: 10 })
    .toFile(file)
  process.stdout.write(`${path}\n`)
}
