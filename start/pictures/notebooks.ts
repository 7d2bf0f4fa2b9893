// Takes the picture of docs/notebooks.md: a cell with JSX, and one with a plot.
import { openStudio, writePicture } from './studio.ts'

const CELLS = [
  `const runs = [{ name: 'baseline', loss: 0.42 }, { name: 'wider', loss: 0.31 }]

const Bars = ({ width }: { width: number }) => (
  <svg width={width + 120} height={52} fontFamily="sans-serif" fontSize={13}>
    {runs.map(({ name, loss }, row) => (
      <g transform={\`translate(0 \${row * 26})\`}>
        <text x={64} y={16} textAnchor="end" fill="gray">{name}</text>
        <rect x={70} y={3} width={width * loss} height={18} fill="teal" />
        <text x={76 + width * loss} y={16} fill="gray">{loss}</text>
      </g>
    ))}
  </svg>
)
<Bars width={600} />`,
  `import * as Plot from '@observablehq/plot'

Plot.plot({
  document,
  height: 170,
  marks: [
    Plot.ruleY([0]),
    Plot.lineY({ length: 300 }, { y: (_, i) => Math.sin(i / 15) * i, stroke: 'darkorange' }),
  ],
})`,
]

await using studio = await openStudio(CELLS, { width: 860, height: 850 })
const { lab } = studio
for (const index of CELLS.keys()) await lab.runCell(index)
await lab.cells.first().scrollIntoViewIfNeeded()
await writePicture('docs/pictures/jsx-and-plot.png', [await lab.page.screenshot()])
