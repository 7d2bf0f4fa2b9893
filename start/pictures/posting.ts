// Takes the pictures of docs/posting.md: a cell in JupyterLab, and beside it its post as the inbox
// shows it.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { openStudio, writePicture } from './studio.ts'

/** Tall enough that no cell scrolls out of the page. */
const LAB = { width: 660, height: 2600 }
const INBOX = { width: 540, height: 1600 }
const DESK = { width: 760, height: 920 }
const PHONE = { width: 390, height: 920 }

const SETUP = `import { plot, run, scores, train } from './model.ts'
await post('Welcome', 'lab')`
const LINE = `const losses = await train({ epochs: 24 })
%post @me Computation done, loss is \${losses.at(-1)?.toFixed(3)}`
const LIVE = `%%post --live lab Night run
for await (const { epoch, loss } of run(24, { hold: 6 }))
  console.log(\`epoch \${epoch}: loss \${loss.toFixed(3)}\`)`
const ASK = `const question = 'Loss is 0.08. Continue with **lr 0.01**?'
await post.ask('@me', question, ['yes', 'no'], {
  timeout: '2h',
  otherwise: 'no',
})`
const CELL = `%%post lab Training run
console.log(\`loss \${losses.at(-1)?.toFixed(3)}\`)
display.latex('$$L = -\\\\sum_i y_i \\\\log f(x_i)$$')
display.png(await plot(losses))
scores`
const ERROR = `%%post lab --on error Overnight run
for await (const { loss } of run(24, { rate: 10 })) {
  console.log('loss', loss.toFixed(3))
  if (loss > 1) throw new Error('it grows')
}`
const PROGRESS = `const options = { total: 100 }
const p = await post.progress('lab', 'Training', options)
for await (const { loss } of run(100, { hold: 42 }))
  p.tick({ loss })
await p.done()`
const PREVIEW = `%%post --preview lab Results
const apiKey = 'n0t-4-real-key-83b1'
console.log('signed in with', apiKey)
scores`

await using studio = await openStudio([SETUP, LINE, LIVE, ASK, CELL, ERROR, PROGRESS, PREVIEW], LAB)
const { lab } = studio
const inbox = await studio.inbox(INBOX)

/** The newest post that contains the text. */
const postWith = async (text: string): Promise<Buffer> => {
  const article = inbox.locator('article', { hasText: text }).first()
  await article.waitFor()
  return article.screenshot()
}

/** Waits for all pictures: one that loads late would move what is below it. */
async function whole(page: Page): Promise<void> {
  await page.evaluate('Promise.all(Array.from(document.images, (image) => image.decode()))')
}

async function write(name: string, windows: readonly Buffer[]): Promise<void> {
  await writePicture(`docs/pictures/${name}.png`, windows)
}

/** The cell after it has ended, beside its post. */
async function ended(name: string, index: number, text: string): Promise<void> {
  const cell = await lab.runCell(index)
  await inbox.locator('article', { hasText: text }).first().waitFor()
  await whole(lab.page)
  await whole(inbox)
  await write(name, [await cell.screenshot(), await postWith(text)])
}

/** The cell in the middle of its run, beside its post. */
async function running(name: string, index: number, text: string): Promise<void> {
  const hold = join(studio.folder, 'hold')
  writeFileSync(hold, '')
  const cell = await lab.startCell(index)
  const post = await postWith(text)
  await write(name, [await cell.screenshot(), post])
  rmSync(hold)
  await lab.cellEnded(index)
}

/** The cell while it waits, beside its question, which is answered after the picture. */
async function asked(name: string, index: number, text: string, answer: string): Promise<void> {
  const cell = await lab.startCell(index)
  const post = await postWith(text)
  await write(name, [await cell.screenshot(), post])
  // A page in the background hears no click.
  await inbox.bringToFront()
  await inbox.getByRole('button', { name: answer }).click()
  await lab.page.bringToFront()
  await lab.cellEnded(index)
}

await lab.runCell(0)
await ended('post-line', 1, 'Computation done')
await running('post-live', 2, 'epoch 6: loss')
await asked('post-ask', 3, 'Continue with', 'yes')
await ended('post-cell', 4, 'Training run')
await ended('post-error', 5, 'Overnight run')
await running('post-progress', 6, '42/100')
const preview = await lab.runCell(7)
await write('post-preview', [await preview.screenshot()])

const pages = [await studio.inbox(DESK), await studio.inbox(PHONE)]
for (const page of pages) await page.locator('article', { hasText: 'Computation done' }).waitFor()
for (const page of pages) await whole(page)
await write('inbox', await Promise.all(pages.map((page) => page.screenshot())))
