// Values of well-known libraries are shown: the real packages have the shapes by which we recognise
// them.
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { TestRuntime } from '../helpers/runtime.ts'

const MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url))

let notebook: TestRuntime
beforeAll(() => {
  notebook = new TestRuntime()
  symlinkSync(MODULES, join(notebook.cwd, 'node_modules'))
})
afterAll(() => notebook.close())

async function bundle(source: string) {
  expect(await notebook.run(source)).toEqual({ status: 'ok' })
  const shown = notebook.outputs.findLast((output) => output.type === 'execute_result')
  if (shown?.cellId !== notebook.cellId) throw new Error(`nothing shown: ${source}`)
  return shown.content.data
}

test('an Arrow table is shown as a table', async () => {
  expect(
    await bundle(`
      import * as arrow from 'apache-arrow'
      arrow.tableFromArrays({ n: Int32Array.from([1, 2]), big: [10n, null], name: ['x', '<y>'] })`),
  ).toEqual({
    'text/plain': 'n   big  name\n1   10n     x\n2  null   <y>\n[2 rows × 3 columns]',
    'text/html':
      '<table><thead><tr><th></th><th>n</th><th>big</th><th>name</th></tr></thead><tbody>' +
      '<tr><th>0</th><td>1</td><td>10n</td><td>x</td></tr>' +
      '<tr><th>1</th><td>2</td><td>null</td><td>&lt;y&gt;</td></tr></tbody></table>',
  })
})

test('an Arquero frame is shown filtered and in its order', async () => {
  expect(
    await bundle(`
      import * as aq from 'arquero'
      aq.table({ a: [3, 1, 2], b: ['x', 'y', 'z'] }).filter((row: any) => row.a > 1).orderby('a')`),
  ).toEqual({
    'text/plain': 'a  b\n2  z\n3  x\n[2 rows × 2 columns]',
    'text/html': expect.stringContaining('<tr><th>0</th><td>2</td><td>z</td></tr>'),
  })
})

test('an Observable Plot is an SVG that stands alone, or HTML if it has more than a chart', async () => {
  const chart = await bundle(`
    import * as Plot from '@observablehq/plot'
    import { parseHTML } from 'linkedom'
    const { document } = parseHTML('<!DOCTYPE html><body></body>')
    const marks = [Plot.dot([[1, 2], [3, 4]])]
    Plot.plot({ document, marks })`)
  expect(Object.keys(chart)).toEqual(['text/plain', 'image/svg+xml'])
  expect(chart['image/svg+xml']).toMatch(
    /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^]*<\/svg>$/,
  )
  const figure = await bundle("Plot.plot({ document, marks, title: 'Two dots' })")
  expect(Object.keys(figure)).toEqual(['text/plain', 'text/html'])
  expect(figure['text/html']).toMatch(/^<figure[^]*Two dots/)
})

test('a DOM node is shown as its HTML', async () => {
  expect(await bundle("Object.assign(document.createElement('p'), { textContent: 'hi' })")).toEqual(
    { 'text/plain': '<p>hi</p>', 'text/html': '<p>hi</p>' },
  )
})

test('a Vega view is shown as an SVG', async () => {
  const chart = await bundle(`
    import * as vega from 'vega'
    new vega.View(vega.parse({ width: 10, height: 10, marks: [{ type: 'rect' }] }))`)
  expect(chart['image/svg+xml']).toMatch(/^<svg xmlns=/)
})
