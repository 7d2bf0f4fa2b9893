// Takes the picture of the README: a notebook with posts, and beside it the inbox page with what
// arrived.
import { openStudio, writePicture } from './studio.ts'

const HEIGHT = 780

const CELLS = [
  `import { plot, train } from './model.ts'

const losses: number[] = await train({ epochs: 24 })`,
  `%%post @me Training run
console.log(\`loss \${losses.at(-1)?.toFixed(3)}\`)
display.latex('$$L = -\\\\sum_i y_i \\\\log f(x_i)$$')
display.png(await plot(losses))`,
  `%post @myself Computation done!`,
]

await using studio = await openStudio(CELLS, { width: 720, height: HEIGHT })
const { lab } = studio
const inbox = await studio.inbox({ width: 480, height: HEIGHT })
for (const index of CELLS.keys()) await lab.runCell(index)
await lab.cells.first().scrollIntoViewIfNeeded()
await inbox.getByText('Computation done!').waitFor()
await writePicture('docs/images/first-post.png', [
  await lab.page.screenshot(),
  await inbox.screenshot(),
])
