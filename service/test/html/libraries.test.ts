// What the relay makes of the HTML of real libraries, recorded in `fixtures/libraries.json` and
// shortened: styles, scripts and repeated parts are cut.
import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { z } from 'zod'

import { DEFAULT_LIMITS } from '../../../post/contract/schema.ts'
import type { Block } from '../../../post/contract/schema.ts'
import { readContent } from '../../offload/content.ts'

const recorded = z
  .record(z.string(), z.object({ html: z.string(), text: z.string() }))
  .parse(JSON.parse(readFileSync(new URL('../fixtures/libraries.json', import.meta.url), 'utf8')))

const markdown = (text: string): Block => ({ type: 'markdown', text })
const notice = (text: string): Block => ({ type: 'notice', text })
const result = (text: string): Block => ({ type: 'text', text, stream: 'result' })
const table = (columns: string[], ...rows: string[][]) => ({ type: 'table', columns, rows })
const file: Block = { type: 'file', file: 0 }
const link = (address: string) => `[${address}](${address})`
const fence = (text: string) => markdown(`\`\`\`\n${text}\n\`\`\``)

async function shown(blocks: readonly Block[]) {
  const read = await readContent({
    blocks: [...blocks],
    files: [],
    limits: DEFAULT_LIMITS,
    masked: true,
  })
  return {
    blocks: read.blocks,
    files: read.files.map(({ name, mimetype }) => `${name} ${mimetype}`),
  }
}

function outputOf(library: string): Block {
  const output = recorded[library]
  if (!output) throw new Error(`No output of ${library} was recorded`)
  return { type: 'html', ...output }
}

test.each<[library: string, blocks: unknown[], files?: string[]]>([
  [
    'scikit-learn',
    [
      fence(
        `Pipeline(steps=[('standardscaler', StandardScaler()),
                ('logisticregression', LogisticRegression(C=0.5))])`,
      ),
    ],
  ],
  [
    'xarray Dataset',
    [
      fence(`<xarray.Dataset> Size: 64B
Dimensions:  (x: 2, y: 3)
Coordinates:
  * x        (x) int64 16B 1 2
Dimensions without coordinates: y
Data variables:
    t        (x, y) float64 48B 0.0 1.0 2.0 3.0 4.0 5.0
Attributes:
    title:    demo`),
    ],
  ],
  [
    'xarray DataArray',
    [
      fence(`<xarray.DataArray 't' (x: 3)> Size: 24B
array([0., 1., 2.])
Dimensions without coordinates: x`),
    ],
  ],
  [
    'folium',
    [file, notice('Interactive map attached: open map-1.html in a browser')],
    ['map-1.html text/html'],
  ],
  [
    'pydeck',
    [file, notice('Interactive map attached: open map-1.html in a browser')],
    ['map-1.html text/html'],
  ],
  [
    'matplotlib jshtml',
    [{ type: 'image', file: 0 }, notice('The first frame of an animation; see the notebook')],
    ['drawing-1.png image/png'],
  ],
  ['IPython iframe', [markdown(link('https://example.org/x?a=1&b=2'))]],
  ['IPython youtube', [markdown(link('https://www.youtube.com/watch?v=dQw4w9WgXcQ'))]],
  ['IPython vimeo', [markdown(link('https://vimeo.com/123'))]],
  ['IPython audio', [file], ['audio-1.wav audio/wav']],
  ['IPython audio_url', [markdown(`Audio: ${link('https://example.org/a.mp3')}`)]],
  ['IPython video', [markdown(`Video: ${link('https://example.org/a.mp4')}`)]],
  ['IPython video_embed', [file], ['video-1.mp4 video/mp4']],
  ['IPython filelink', [markdown('/home/jo/a.txt')]],
  ['IPython progressbar', [result(`[${' '.repeat(60)}] 0/5`)]],
  ['IPython code', [fence('def f(x):\n    return x')]],
  ['IPython pygments', [fence('x = 1\ny')]],
  ['rich', [fence('hi x')]],
  [
    'holoviews',
    [result(':Curve   [x]   (y)'), notice('Interactive plot (Bokeh), see the notebook')],
  ],
  [
    'panel',
    [
      result('Column\n    [0] Markdown(str)\n    [1] IntSlider()'),
      notice('Interactive plot (Bokeh), see the notebook'),
    ],
  ],
  ['itables', [table(['a'], ['1'], ['2'])]],
  ['plotly', [notice('Interactive plot (Plotly), see the notebook')]],
  [
    'statsmodels',
    [
      markdown('OLS Regression Results'),
      { type: 'table' },
      { type: 'table' },
      { type: 'table' },
      {
        type: 'markdown',
        text: expect.stringMatching(/^Notes: {2}\n\\\[1\\\] Standard Errors assume that/),
      },
    ],
  ],
])('%s', async (library, blocks, files = []) => {
  expect(await shown([outputOf(library)])).toMatchObject({ blocks, files })
})

test.each([
  'bokeh output_notebook',
  'bokeh show',
  'panel extension',
  'holoviews logo',
  'itables init',
  'plotly loader',
])('%s only makes other outputs work, so beside one of them it is nothing', async (library) => {
  const other = result('7')
  expect(await shown([outputOf(library), other])).toEqual({ blocks: [other], files: [] })
  expect(await shown([outputOf(library)])).toEqual({
    blocks: [notice('HTML without text, see the notebook')],
    files: [],
  })
})

test('HTML of scripts that nobody knows is named, or shown by its text', async () => {
  const html = '<div id="a"></div><script>draw(a)</script>'
  expect(await shown([{ type: 'html', html, text: '<IPython.core.display.HTML object>' }])).toEqual(
    { blocks: [notice('Interactive HTML, see the notebook')], files: [] },
  )
  expect(await shown([{ type: 'html', html, text: 'Chart of 3 runs' }])).toEqual({
    blocks: [result('Chart of 3 runs')],
    files: [],
  })
})
