// Takes the picture of the README from the real programs: a notebook in JupyterLab, and beside it the inbox page with its posts.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { installKernelspec } from '../install/kernelspec.ts'
import { clone, cloneEnvironment, startVenv } from './clone.ts'
import { startJupyter } from './jupyter.ts'
import { LabPage, openBrowser } from './lab-page.ts'
import { inboxPage, startRelay } from './relay.ts'
import { prepareVenv } from './venv.ts'

const PICTURE = join(clone, 'docs/images/first-post.png')
const NOTEBOOK = 'training.ipynb'
/** CSS pixels; the picture has twice as many. */
const SIZE = { height: 780, notebook: 720, inbox: 480 }
const GAP = 16
const SCALE = 2

const CELLS = [
  `import { plot, train } from './model.ts'

const losses: number[] = await train({ epochs: 24 })`,
  `%%post @me Training run
console.log(\`loss \${losses.at(-1)?.toFixed(3)}\`)
display.latex('$$L = -\\\\sum_i y_i \\\\log f(x_i)$$')
display.png(await plot(losses))`,
  `%post @myself Computation done!`,
]

/** Beside the notebook: a run that takes no time, and a line chart, drawn as SVG and rendered by sharp. */
const MODEL = `import sharp from 'sharp'

export async function train({ epochs }: { epochs: number }): Promise<number[]> {
  return Array.from({ length: epochs }, (_, i) => 0.08 + 0.85 * Math.exp(-i / 6) + 0.02 * Math.sin(i * 2.1))
}

export function plot(values: number[]): Promise<Buffer> {
  const points = values.map((value, index) => [40 + index * 16, 150 - value * 130].join()).join(' ')
  return sharp(Buffer.from(\`<svg xmlns="http://www.w3.org/2000/svg" width="440" height="170">
    <rect width="440" height="170" fill="#fff"/>
    <path d="M40 10V150H430" fill="none" stroke="#8a94a3"/>
    <path d="M40 20H430M40 85H430" stroke="#e3e8ef"/>
    <polyline points="\${points}" fill="none" stroke="#3178c6" stroke-width="2.5"/>
    <text x="8" y="25" font-family="sans-serif" font-size="12" fill="#556">1.0</text>
    <text x="8" y="90" font-family="sans-serif" font-size="12" fill="#556">0.5</text>
    <text x="395" y="166" font-family="sans-serif" font-size="12" fill="#556">epoch</text>
  </svg>\`)).png().toBuffer()
}
`

function writeNotebook(folder: string): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'model.ts'), MODEL)
  const cells = CELLS.map((source, index) => ({
    cell_type: 'code',
    id: `cell-${index}`,
    metadata: {},
    source,
    execution_count: null,
    outputs: [],
  }))
  const kernelspec = { name: 'jupyterpost', display_name: 'TypeScript (jupyterpost)' }
  writeFileSync(
    join(folder, NOTEBOOK),
    JSON.stringify({ cells, metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 }),
  )
}

async function takePicture(folder: string): Promise<void> {
  await prepareVenv(startVenv, (line) => process.stdout.write(`${line}\n`))
  const env = cloneEnvironment(folder)
  installKernelspec(join(folder, 'jupyter/data'), { name: 'jupyterpost' })
  const root = join(folder, 'notebooks')
  writeNotebook(root)
  const relay = await startRelay(env)
  const jupyter = await startJupyter({ app: 'lab', env, root })
  const browser = await openBrowser()
  try {
    const context = await browser.newContext({ deviceScaleFactor: SCALE })
    const lab = new LabPage(await context.newPage())
    await lab.page.setViewportSize({ width: SIZE.notebook, height: SIZE.height })
    await lab.open(jupyter, NOTEBOOK)
    await lab.kernelIdle('TypeScript (jupyterpost)')
    await lab.leaveNotebookAlone()
    const inbox = await context.newPage()
    await inbox.setViewportSize({ width: SIZE.inbox, height: SIZE.height })
    await inbox.goto(await inboxPage(relay))
    await lab.page.bringToFront()
    for (const index of CELLS.keys()) await lab.runCell(index)
    await lab.cells.first().scrollIntoViewIfNeeded()
    await inbox.getByText('Computation done!').waitFor()
    await placeSideBySide(await lab.page.screenshot(), await inbox.screenshot())
  } finally {
    await browser.close()
    await jupyter.stop()
    await relay.stop()
  }
}

/** As two windows on a neutral ground. */
async function placeSideBySide(left: Buffer, right: Buffer): Promise<void> {
  mkdirSync(join(PICTURE, '..'), { recursive: true })
  await sharp({
    create: {
      width: SCALE * (SIZE.notebook + SIZE.inbox + 3 * GAP),
      height: SCALE * (SIZE.height + 2 * GAP),
      channels: 3,
      background: '#d5dbe3',
    },
  })
    .composite([
      { input: left, left: SCALE * GAP, top: SCALE * GAP },
      { input: right, left: SCALE * (SIZE.notebook + 2 * GAP), top: SCALE * GAP },
    ])
    .png({ palette: true, compressionLevel: 9 })
    .toFile(PICTURE)
}

// In the clone, so that the model's import of sharp finds it.
const folder = join(clone, '.state', `picture-${process.pid}`)
try {
  await takePicture(folder)
  process.stdout.write(`${PICTURE}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
