// How values are shown: always as text, in rich forms by shape; no value makes the cell fail.
import { inspect } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { DisplayContent, MimeBundle } from '../../src/protocol/mimebundle.ts'
import { TestRuntime } from '../helpers/runtime.ts'

let notebook: TestRuntime
beforeAll(() => {
  notebook = new TestRuntime()
})
afterAll(() => notebook.close())

async function bundle(source: string): Promise<MimeBundle> {
  return (await content(source)).data
}

async function content(source: string): Promise<DisplayContent> {
  const outcome = await notebook.run(source)
  expect(outcome).toEqual({ status: 'ok' })
  const shown = notebook.outputs.findLast((output) => output.type === 'execute_result')
  if (shown?.cellId !== notebook.cellId) throw new Error(`nothing shown: ${source}`)
  return shown.content
}

const [TEXT, HTML] = [['text/plain'], ['text/plain', 'text/html']]

// PNG signature and IHDR of 2 x 3 pixels.
const PNG =
  '[0x89,0x50,0x4e,0x47,0xd,0xa,0x1a,0xa, 0,0,0,13, 73,72,68,82, 0,0,0,2, 0,0,0,3, 8,2,0,0,0]'
const GIF = '[0x47,0x49,0x46,0x38,0x39,0x61, 2,0, 3,0]'
const JPEG = '[0xff,0xd8, 0xff,0xe0,0,4,1,1, 0xff,0xc0,0,11,8,0,3,0,2,1,1,0x11,0]'
const WEBP = "[...Buffer.from('RIFF\\0\\0\\0\\0WEBPVP8L'), 0,0,0,0, 0x2f, 1,0x80,0,0, 0,0,0,0,0,0]"
const SIZE = { width: 2, height: 3 }

test.each([
  ['null', 'null', TEXT],
  ['0n', '0n', TEXT],
  ["''", "''", TEXT],
  ['-0', '-0', TEXT],
  ['NaN', 'NaN', TEXT],
  ['false', 'false', TEXT],
  ["'a\\nb'", "'a\\nb'", TEXT],
  ["Symbol('s')", 'Symbol(s)', TEXT],
  ['function f() {}; f', '[Function: f]', TEXT],
  ['(() => 1)', '[Function (anonymous)]', TEXT],
  ['class A {}; A', '[class A]', TEXT],
  ['class Q extends A {}; Q', '[class Q extends A]', TEXT],
  ['new Date(0)', '1970-01-01T00:00:00.000Z', TEXT],
  ["new Date('x')", 'Invalid Date', TEXT],
  ['/a+/gi', '/a+/gi', TEXT],
  ['[new Promise(() => {})]', '[ Promise { <pending> } ]', TEXT],
  ['new Map([["a", 1], ["b", { c: 2 }]])', "Map(2) { 'a' => 1, 'b' => { c: 2 } }", TEXT],
  ['new Set([1, "x"])', "Set(2) { 1, 'x' }", TEXT],
  ['class Point { x = 1; #y = 2; get z() { throw 1 } }; new Point()', 'Point { x: 1 }', TEXT],
  ['new Float64Array([1.5, 2])', 'Float64Array(2) [ 1.5, 2 ]', TEXT],
  ['new BigInt64Array(1)', 'BigInt64Array(1) [ 0n ]', TEXT],
  ['[]', '[]', TEXT],
  ['[1, , 3]', '[ 1, <1 empty item>, 3 ]', TEXT],
  ['({})', '{}', TEXT],
  ['Object.create(null)', '[Object: null prototype] {}', TEXT],
  ['new WeakMap()', 'WeakMap { <items unknown> }', TEXT],
  ['({ get x() { throw 1 }, set y(v) {} })', '{ x: [Getter], y: [Setter] }', TEXT],
  ['({ get outerHTML() { throw 1 } })', '{ outerHTML: [Getter] }', TEXT],
  ['({ get $schema() { throw 1 } })', "{ '$schema': [Getter] }", TEXT],
  ['({ toJSON() { throw 1 } })', '{ toJSON: [Function: toJSON] }', TEXT],
  [
    'new Proxy({ a: 1 }, new Proxy({}, { get() { throw 1 } }))',
    inspect(new Proxy({ a: 1 }, {})),
    TEXT,
  ],
  ['({ data: [], layout: {} })', '{ data: [], layout: {} }', TEXT],
  [
    "({ $schema: 'https://json-schema.org/draft' })",
    "{ '$schema': 'https://json-schema.org/draft' }",
    TEXT,
  ],
  [
    'const loop: Record<string, unknown> = {}; loop.self = loop; loop',
    '<ref *1> { self: [Circular *1] }',
    HTML,
  ],
  ['[{ a: 1 }]', '[ { a: 1 } ]', HTML],
  [
    "[{ a: { b: [1] } }, { c: 'x' }]",
    "[ { a: { b: [Array] } }, { c: 'x' } ]".replace('[Array]', '[ 1 ]'),
    HTML,
  ],
  ["({ outerHTML: '<b>x</b>' })", '<b>x</b>', HTML],
])('%s is shown as %s', async (source, text, mimetypes) => {
  const data = await bundle(source)
  expect(Object.keys(data)).toEqual(mimetypes)
  expect(data['text/plain']).toBe(text)
})

test.each([
  [`new Uint8Array(${PNG})`, 'image/png', 'PNG image, 2 × 3, 29 bytes'],
  [`Buffer.from(${PNG})`, 'image/png', 'PNG image, 2 × 3, 29 bytes'],
  [`new Uint8Array(${PNG}).buffer`, 'image/png', 'PNG image, 2 × 3, 29 bytes'],
  [`new Blob([new Uint8Array(${PNG})])`, 'image/png', 'PNG image, 2 × 3, 29 bytes'],
  [`new Uint8Array(${GIF})`, 'image/gif', 'GIF image, 2 × 3, 10 bytes'],
  [`new Uint8Array(${JPEG})`, 'image/jpeg', 'JPEG image, 2 × 3, 21 bytes'],
  [`new Uint8Array(${WEBP})`, 'image/webp', 'WebP image, 2 × 3, 31 bytes'],
  [
    `({ toDataURL: () => 'data:image/png;base64,' + Buffer.from(${PNG}).toString('base64') })`,
    'image/png',
    'PNG image, 2 × 3, 29 bytes',
  ],
])('%s is shown as %s with its size', async (source, mimetype, text) => {
  const { data, metadata } = await content(source)
  expect(Object.keys(data).toSorted()).toEqual([mimetype, 'text/plain'])
  expect(data['text/plain']).toBe(text)
  expect(metadata).toEqual({ [mimetype]: SIZE })
})

test.each([
  ['new Uint8Array([0x89,0x50,0x4e,0x47,0x0d,0x0a,0x1a,0x0a])', 'image/png', 'iVBORw0KGgo='],
  ['({ outerHTML: \'<svg xmlns="x"></svg>\' })', 'image/svg+xml', '<svg xmlns="x"></svg>'],
  [
    '({ outerHTML: \'<svg><use xlink:href="#a"/></svg>\' })',
    'image/svg+xml',
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><use xlink:href="#a"/></svg>',
  ],
  [
    "class Element { get outerHTML() { return '<i>x</i>' } }; new Element()",
    'text/html',
    '<i>x</i>',
  ],
  ["new Blob(['<svg/>'], { type: 'image/svg+xml' })", 'image/svg+xml', '<svg/>'],
  ["({ runAsync() {}, toSVG: async () => '<svg/>' })", 'image/svg+xml', '<svg/>'],
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
    "Object.assign(() => 1, { [Symbol.for('Jupyter.display')]: () => ({ 'text/html': '<b>' }) })",
    'text/html',
    '<b>',
  ],
  [
    "[{ a: 1, b: '<' }, { c: { d: null } }, { get a() { throw 1 } }]",
    'text/html',
    '<table><thead><tr><th></th><th>a</th><th>b</th><th>c</th></tr></thead><tbody>' +
      '<tr><th>0</th><td>1</td><td>&lt;</td><td></td></tr>' +
      '<tr><th>1</th><td></td><td></td><td>{ d: null }</td></tr>' +
      '<tr><th>2</th><td>[Getter]</td><td></td><td></td></tr></tbody></table>',
  ],
  [
    '[{ a: Math.PI, b: 0.1 + 0.2 }, { a: 1234567.891, b: -1.23456789e-10 }, { a: 2.5, b: 1e21 }, { a: NaN, b: -0 }]',
    'text/html',
    '<table><thead><tr><th></th><th>a</th><th>b</th></tr></thead><tbody>' +
      '<tr><th>0</th><td title="3.141592653589793">3.14159</td><td title="0.30000000000000004">0.3</td></tr>' +
      '<tr><th>1</th><td title="1234567.891">1234568</td><td title="-1.23456789e-10">-1.23457e-10</td></tr>' +
      '<tr><th>2</th><td>2.5</td><td>1e+21</td></tr>' +
      '<tr><th>3</th><td>NaN</td><td>-0</td></tr></tbody></table>',
  ],
])('%s has the form %s', async (source, mimetype, expected) => {
  const data = await bundle(source)
  expect(Object.keys(data).toSorted()).toEqual([mimetype, 'text/plain'].toSorted())
  expect(data[mimetype]).toBe(expected)
  expect(typeof data['text/plain']).toBe('string')
})

test.each([
  [
    "{ $schema: 'https://vega.github.io/schema/vega-lite/v5.json', mark: 'bar' }",
    'vegalite.v5+json',
  ],
  ["{ $schema: 'https://vega.github.io/schema/vega/v6.json', marks: [] }", 'vega.v6+json'],
  ["{ data: [{ type: 'bar', y: [1] }], layout: {} }", 'plotly.v1+json'],
  ['{ data: [{ x: [1], y: [2] }], layout: {}, config: { a: 1 } }', 'plotly.v1+json'],
])('the spec %s is shown as %s', async (spec, name) => {
  const data = await bundle(`(${spec})`)
  expect(data).toEqual({
    'text/plain': expect.any(String),
    [`application/vnd.${name}`]: expect.objectContaining({}),
  })
})

test('a long array of records is shown as a table of its first and last rows, which says how long it is', async () => {
  const html = String(
    (await bundle('Array.from({ length: 2000 }, (_, i) => ({ i, ...(i > 500 && { late: i }) }))'))[
      'text/html'
    ],
  )
  expect(html.match(/<tr>/g)).toHaveLength(22)
  expect(html).toContain('<th>late</th>')
  expect(html).toContain(
    '<th>9</th><td>9</td><td></td></tr><tr><th>…</th><td>…</td><td>…</td></tr><tr><th>1990</th>',
  )
  expect(html).toMatch(/<p>2000 rows × 2 columns<\/p>$/)
})

/** HTML of an array with this many records of this many members. */
async function tableOf(rows: number, columns: number): Promise<string> {
  const record = `Object.fromEntries(Array.from({ length: ${columns} }, (_, n) => ['c' + n, n]))`
  return String((await bundle(`Array.from({ length: ${rows} }, () => ${record})`))['text/html'])
}

test('a table of 60 rows is shown whole, one of too many columns by its first and last', async () => {
  expect((await tableOf(60, 1)).match(/<tr>/g)).toHaveLength(61)
  expect(await tableOf(60, 30)).not.toContain('…')
  const wide = await tableOf(1, 31)
  expect(wide).toContain('<th>c14</th><th>…</th><th>c16</th>')
  expect(wide).toContain('<td>14</td><td>…</td><td>16</td>')
  expect(wide).toMatch(/<p>1 rows × 31 columns<\/p>$/)
})

test('an array whose last rows are no records is no table', async () => {
  const values = '[...Array.from({ length: 2000 }, (_, i) => ({ i })), 5]'
  expect(String((await bundle(values))['text/html'])).not.toContain('<table>')
})

test.each([
  ["({ toJSON() { throw new Error('no') } })"],
  ["new Proxy({}, { get() { throw new Error('no') }, ownKeys() { throw new Error('no') } })"],
  ["({ [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('no') } })"],
  ["({ [Symbol.for('Jupyter.display')]() { throw new Error('no') } })"],
  ["({ async [Symbol.for('Jupyter.display')]() { throw new Error('no') } })"],
  ["({ [Symbol.for('Jupyter.display')]: () => 5 })"],
  ["({ $schema: 'https://vega.github.io/schema/vega/v6.json', toJSON() { throw 1 } })"],
  ["'x'.repeat(10_000_000)"],
  ['new Array(1e6).fill({ deep: { deep: { deep: { deep: { deep: {} } } } } })'],
  ['Object.fromEntries(Array.from({ length: 300_000 }, (_, i) => [`k${i}`, i]))'],
  ['new Map(Array.from({ length: 300_000 }, (_, i) => [`k${i}`, { i }]))'],
  ['new Float64Array(5_000_000)'],
  ['new Uint8Array(50_000_000)'],
  ['let chain: unknown = null; for (let i = 0; i < 1e5; i++) chain = { chain }; chain'],
  [
    'const wide = (n: number): unknown => n === 0 ? 1 : Array.from({ length: 100 }, () => wide(n - 1)); wide(3)',
  ],
  ["Array.from({ length: 300 }, () => 'y'.repeat(1e6))"],
])(
  '%s is shown, bounded',
  async (source) => {
    const data = await bundle(source)
    const text = data['text/plain']
    expect(typeof text === 'string' && text.length > 0 && text.length < 101_000).toBe(true)
    expect(JSON.stringify(data).length).toBeLessThan(500_000)
  },
  30_000,
)

test('what is too much for text opens as a tree, escaped, and runs no code of the value', async () => {
  const html = String(
    (
      await bundle(`
        globalThis.ran = 0
        class Layer { name = '<b>'; units = new Map([['a', new Set([1, 2])]]); get secret() { ran += 1 } }
        const net = { layers: Array.from({ length: 250 }, () => new Layer()), get all() { ran += 1 } }
        net`)
    )['text/html'],
  )
  expect(html).toMatch(
    /^<div class="jupyterpost-value"[^>]*><details open><summary>Object \{layers, all\}/,
  )
  expect(html).toContain('layers:</span> Array(250)')
  expect(html).toContain('[100 … 199]')
  expect(html).toContain('all:</span> [Getter]')
  expect(html).toContain('Layer {name, units}')
  expect(html).toContain('Map(1)')
  expect(html).not.toContain('<b>')
  expect(await notebook.result('ran')).toBe('0')
})

test.each([
  ['itself', 'frame'],
  ['by inheritance', 'Object.create(frame)'],
  ['a proxy of the proxy', 'new Proxy(frame, {})'],
])('a table that offers its display form through a proxy shows it: %s', async (_how, value) => {
  // Like a polars data frame: only its proxy has the columns and rows as properties.
  const data = await bundle(`
    class DataFrame {
      columns = ['a']
      getColumn(name: string) { return [1, 2] }
      [Symbol.for('Jupyter.display')]() { return { 'text/html': '<table>' + this.columns + this.a + '</table>' } }
    }
    const frame = new Proxy(new DataFrame(), {
      get(target, prop, receiver) {
        if (target.columns.includes(prop as string)) return target.getColumn(prop as string)
        return Reflect.get(target, prop, receiver)
      },
    })
    ${value}`)
  expect(data['text/html']).toBe('<table>a1,2</table>')
})

test('a proxy that offers a display form of its own and has no such target shows it', async () => {
  const data = await bundle(`
    new Proxy({}, { get: (_, name) => name === Symbol.for('Jupyter.display') ? () => ({ 'text/html': '<b>' }) : undefined })`)
  // Node 26 writes `Proxy({})`.
  expect(data).toMatchObject({ 'text/html': '<b>', 'text/plain': expect.stringContaining('{}') })
})

test.each([
  [
    'answers every name with a function, as mocks do',
    'new Proxy({}, { get: () => () => { called += 1 } })',
  ],
  [
    'answers every name with itself',
    'const deep: object = new Proxy(() => { called += 1 }, { get: () => deep }); deep',
  ],
  [
    'throws for names it does not know',
    "new Proxy({}, { get() { called += 0; throw new Error('unknown name') } })",
  ],
  ['was revoked', 'const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); proxy'],
])('a proxy that %s is shown as text', async (_how, source) => {
  await notebook.run('globalThis.called = 0;;')
  expect(Object.keys(await bundle(source))).toEqual(['text/plain'])
  expect(await notebook.result('called')).toBe('0')
})

test('what a display form behind a proxy throws is said with the value and fails no cell', async () => {
  const data = await bundle(
    "new Proxy({ [Symbol.for('Jupyter.display')]() { throw new Error('no table') } }, {})",
  )
  expect(data['text/plain']).toContain('no table')
})

test('an error as a value is text with its stack', async () => {
  const data = await bundle("new TypeError('as value', { cause: 1 })")
  expect(Object.keys(data)).toEqual(['text/plain'])
  expect(data['text/plain']).toMatch(/^TypeError: as value\n[^]*\[cause\]: 1/)
})
