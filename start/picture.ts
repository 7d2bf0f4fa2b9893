// Takes the picture of the README from the real programs: a notebook in JupyterLab, and beside it the inbox page with its post.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { installKernelspec } from '../install/kernelspec.ts'
import { clone, cloneEnvironment, startVenv } from './clone.ts'
import { startJupyter } from './jupyter.ts'
import { LabPage, openBrowser } from './lab-page.ts'
import { inboxPage, startRelay } from './relay.ts'
import { prepareVenv } from './venv.ts'

const PICTURE = join(clone, 'docs/images/first-post.png')
/** CSS pixels; the picture has twice as many. */
const SIZE = { height: 640, notebook: 700, inbox: 500 }
const GAP = 16

const CELLS = [
  `const curve = (x: number) => 0.12 + 0.8 * Math.exp(-x / 70) + 0.03 * Math.sin(x / 6)`,
  `%%post @me Three epochs
for (let epoch = 1; epoch <= 3; epoch++) {
  console.log(\`epoch \${epoch}: loss \${curve(40 * epoch).toFixed(3)}\`)
}
display.latex(String.raw\`$$L = \\frac{1}{n} \\sum_i (y_i - f(x_i))^2$$\`)`,
  `const accuracy: number = 0.9731
%post @myself Computation done! Accuracy \${(100 * accuracy).toFixed(1)} %`,
]

async function takePicture(folder: string): Promise<void> {
  const env = { ...cloneEnvironment(join(folder, 'state')), USER: 'ada', LOGNAME: 'ada' }
  installKernelspec(join(folder, 'state/jupyter/data'), { name: 'jupyterpost' })
  await prepareVenv(startVenv, (line) => process.stdout.write(`${line}\n`))
  const relay = await startRelay(env)
  const jupyter = await startJupyter({ app: 'lab', env, root: join(folder, 'notebooks') })
  const browser = await openBrowser()
  try {
    const context = await browser.newContext({ deviceScaleFactor: 2 })
    const lab = new LabPage(await context.newPage())
    await lab.page.setViewportSize({ width: SIZE.notebook, height: SIZE.height })
    await lab.open(jupyter)
    await lab.newNotebook('TypeScript (jupyterpost)')
    await lab.hideSidebars()
    const inbox = await context.newPage()
    await inbox.setViewportSize({ width: SIZE.inbox, height: SIZE.height })
    await inbox.goto(await inboxPage(relay))
    for (const code of CELLS) await lab.run(code)
    await inbox.getByText('Computation done!').waitFor()
    await lab.page.bringToFront()
    const left = await lab.page.screenshot()
    const right = await inbox.screenshot()
    await placeSideBySide(left, right)
  } finally {
    await browser.close()
    await jupyter.stop()
    await relay.stop()
  }
}

/** Side by side on a neutral ground, as two windows. */
async function placeSideBySide(left: Buffer, right: Buffer): Promise<void> {
  const scale = 2
  mkdirSync(join(PICTURE, '..'), { recursive: true })
  await sharp({
    create: {
      width: scale * (SIZE.notebook + SIZE.inbox + 3 * GAP),
      height: scale * (SIZE.height + 2 * GAP),
      channels: 3,
      background: '#d5dbe3',
    },
  })
    .composite([
      { input: left, left: scale * GAP, top: scale * GAP },
      { input: right, left: scale * (SIZE.notebook + 2 * GAP), top: scale * GAP },
    ])
    .png({ palette: true, compressionLevel: 9 })
    .toFile(PICTURE)
}

const folder = mkdtempSync(join(tmpdir(), 'jupyterpost-picture-'))
try {
  await takePicture(folder)
  process.stdout.write(`${PICTURE}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
