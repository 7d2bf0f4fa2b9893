// How values are shown: text always, rich forms by shape, nothing a value does fails the cell.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { MimeBundle } from '../../src/protocol/mimebundle.ts'
import { TestRuntime } from '../helpers/runtime.ts'

let notebook: TestRuntime
beforeAll(() => {
  notebook = new TestRuntime()
})
afterAll(() => notebook.close())

async function bundle(source: string): Promise<MimeBundle> {
  const outcome = await notebook.run(source)
  expect(outcome).toEqual({ status: 'ok' })
  const shown = notebook.outputs.findLast((output) => output.type === 'execute_result')
  if (shown?.cellId !== notebook.cellId) throw new Error(`nothing shown: ${source}`)
  return shown.content.data
}

test.each([
  ['new Uint8Array([0x89,0x50,0x4e,0x47,0x0d,0x0a,0x1a,0x0a])', 'image/png', 'iVBORw0KGgo='],
  ['new Blob([new Uint8Array([0xff,0xd8,0xff,0xe0])])', 'image/jpeg', '/9j/4A=='],
  ["({ outerHTML: '<b>x</b>' })", 'text/html', '<b>x</b>'],
  ["({ outerHTML: '<svg></svg>' })", 'image/svg+xml', '<svg></svg>'],
  ["({ toDataURL: () => 'data:image/png;base64,aGk=' })", 'image/png', 'aGk='],
  [
    "({ [Symbol.for('Jupyter.display')]: () => ({ 'text/markdown': '*x*' }) })",
    'text/markdown',
    '*x*',
  ],
  [
    "({ [Symbol.for('Jupyter.display')]: async () => ({ 'text/latex': '$x$' }) })",
    'text/latex',
    '$x$',
  ],
  [
    "[{ a: 1, b: '<' }]",
    'text/html',
    '<table><thead><tr><th></th><th>a</th><th>b</th></tr></thead><tbody><tr><th>0</th><td>1</td><td>&lt;</td></tr></tbody></table>',
  ],
])('%s is shown as %s', async (source, mimetype, expected) => {
  const data = await bundle(source)
  expect(data[mimetype]).toBe(expected)
  expect(typeof data['text/plain']).toBe('string')
})

test.each([
  [
    "({ $schema: 'https://vega.github.io/schema/vega-lite/v5.json', mark: 'bar' })",
    'application/vnd.vegalite.v5+json',
  ],
  ["({ data: [{ type: 'bar', y: [1] }], layout: {} })", 'application/vnd.plotly.v1+json'],
])('the spec %s is shown as %s', async (source, mimetype) => {
  expect(await bundle(source)).toHaveProperty([mimetype])
})

test.each([
  ["({ toJSON() { throw new Error('no') } })"],
  ["({ get x() { throw new Error('no') } })"],
  ["({ get outerHTML() { throw new Error('no') } })"],
  ["new Proxy({}, { get() { throw new Error('no') }, ownKeys() { throw new Error('no') } })"],
  ["({ [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('no') } })"],
  ["({ [Symbol.for('Jupyter.display')]() { throw new Error('no') } })"],
  ['const cycle: Record<string, unknown> = {}; cycle.self = cycle; cycle'],
  ["'x'.repeat(10_000_000)"],
  ['new Array(1e6).fill({ deep: { deep: { deep: { deep: { deep: {} } } } } })'],
])('%s is shown, bounded', async (source) => {
  const text = (await bundle(source))['text/plain']
  expect(typeof text === 'string' && text.length > 0 && text.length < 200_000).toBe(true)
})

test('display shows, updates and clears by its id; a handle as last value shows nothing more', async () => {
  await notebook.run(
    "const h = display.html('<i>1</i>'); h.update({ 'text/html': '<i>2</i>' }); h.clear(); clearOutput({ wait: true }); display(1, { id: 'mine' })",
  )
  const shown = notebook.outputs.filter((output) => output.cellId === notebook.cellId)
  expect(shown).toMatchObject([
    {
      type: 'display_data',
      content: { data: { 'text/html': '<i>1</i>', 'text/plain': '<i>1</i>' } },
    },
    { type: 'update_display_data', content: { data: { 'text/html': '<i>2</i>' } } },
    { type: 'update_display_data', content: { data: { 'text/plain': '' } } },
    { type: 'clear_output', wait: true },
    { type: 'display_data', content: { transient: { display_id: 'mine' } } },
  ])
})

test('user expressions are evaluated to bundles or errors', async () => {
  await notebook.run('const seven = 7')
  expect(await notebook.runtime.evaluate(notebook.compile('seven'), 'id')).toMatchObject({
    status: 'ok',
    data: { 'text/plain': '7' },
  })
  expect(await notebook.runtime.evaluate(notebook.compile('nowhere'), 'id')).toMatchObject({
    status: 'error',
    ename: 'ReferenceError',
  })
})

test('a comm is opened from both sides and carries data and buffers', async () => {
  await notebook.run(`
    comm.register('echo', (opened) => opened.onMessage(({ data, buffers }) => opened.send({ back: data.x }, { buffers })))`)
  const message = { cellId: notebook.cellId, metadata: {}, buffers: [] as Uint8Array[] }
  await notebook.runtime.comm('comm_open', {
    ...message,
    content: { comm_id: 'c', target_name: 'echo', data: {} },
  })
  await notebook.runtime.comm('comm_msg', {
    ...message,
    content: { comm_id: 'c', data: { x: 5 } },
    buffers: [new Uint8Array([1, 2])],
  })
  await notebook.runtime.comm('comm_open', {
    ...message,
    content: { comm_id: 'd', target_name: 'unknown', data: {} },
  })
  const comms = notebook.outputs.filter((output) => output.type === 'comm')
  expect(comms).toMatchObject([
    { msgType: 'comm_msg', content: { comm_id: 'c', data: { back: 5 } } },
    { msgType: 'comm_close', content: { comm_id: 'd' } },
  ])
  expect([...(comms[0]?.buffers[0] ?? [])]).toEqual([1, 2])
})
