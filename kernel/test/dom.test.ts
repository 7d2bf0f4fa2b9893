// The document of cells, and `%dom`, through the whole kernel.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, expect, test } from '@jest/globals'
import { SaxesParser } from 'saxes'
import { BROWSER_TESTS } from './fixtures/browser-tests.ts'
import { Client } from './helpers/client.ts'
import type { Answer } from './helpers/client.ts'
import { spawnKernel } from './helpers/kernel.ts'
import type { Spawned } from './helpers/kernel.ts'
import { bundles, textOf } from './helpers/shown.ts'

interface Example {
  cells: Array<{ cell_type: string; source: string[] }>
}

const parseExample: (text: string) => Example = JSON.parse

const open: Array<{ kernel: Spawned; client: Client }> = []

afterEach(async () => {
  for (const { kernel, client } of open.splice(0)) {
    client.close()
    await kernel.close()
  }
})

async function notebook(
  files: Record<string, string> = {},
  packages: readonly string[] = [],
): Promise<{ client: Client; folder: string }> {
  const kernel = await spawnKernel()
  const client = await new Client(kernel.connection).connect()
  const folder = dirname(kernel.file)
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  for (const [name, text] of Object.entries(files)) write(name, text)
  const modules = join(import.meta.dirname, '../../node_modules')
  for (const name of packages) {
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true })
    symlinkSync(join(modules, name), join(folder, 'node_modules', name))
  }
  open.push({ kernel, client })
  return { client, folder }
}

async function ok(client: Client, code: string): Promise<Answer> {
  const answer = await client.execute(code)
  expect(answer.reply.content).toEqual(expect.objectContaining({ status: 'ok' }))
  return answer
}

async function result(client: Client, code: string): Promise<unknown> {
  return bundles(await ok(client, code), 'execute_result')[0]
}

const text = (plain: string) => ({ 'text/plain': plain })

async function failure(client: Client, code: string): Promise<string> {
  const { reply } = await client.execute(code)
  expect(reply.content['status']).toBe('error')
  return stripVTControlCharacters(String(reply.content['evalue']))
}

test('a cell has a document, which is no global', async () => {
  const { client } = await notebook()
  expect(await result(client, "document.createElement('b')")).toEqual({
    'text/html': '<b></b>',
    'text/plain': '<b></b>',
  })
  expect(
    await result(client, "[typeof document, typeof window, 'document' in globalThis]"),
  ).toEqual(text("[ 'object', 'undefined', false ]"))
  expect(await result(client, 'const o = { document }; o.document === document')).toEqual(
    text('true'),
  )
  expect(await result(client, '((document: number) => document)(1)')).toEqual(text('1'))
  expect(await result(client, '({ document: 1 }).document')).toEqual(text('1'))
  expect(await failure(client, 'document = 1')).toContain('document is not defined')
})

test('a document that a cell declares comes first, for functions of earlier cells too', async () => {
  const { client } = await notebook()
  await ok(client, 'const kindOf = () => document.kind')
  expect(
    await result(client, "const { document } = { document: { kind: 'mine' } }\nkindOf()"),
  ).toEqual(text("'mine'"))
  expect(await result(client, 'document.kind')).toEqual(text("'mine'"))
  await ok(client, "let { document } = { document: { kind: 'first' } }")
  expect(await result(client, "({ document } = { document: { kind: 'next' } })\nkindOf()")).toEqual(
    text("'next'"),
  )
  await ok(client, '%reset -f')
  expect(await result(client, 'document.nodeType')).toEqual(text('9'))
})

test('a drawing made with it is valid XML', async () => {
  const { client } = await notebook()
  const code = `const SVG = 'http://www.w3.org/2000/svg'
const svg = document.createElementNS(SVG, 'svg')
svg.setAttribute('title', 'a<b & "c"')
const a = document.createElementNS(SVG, 'a')
a.setAttributeNS('http://www.w3.org/1999/xlink', 'xlink:href', '?a=1&b=2')
a.append('x < \\u00a0 & \\u0001')
const other = document.createElementNS(SVG, 'foreignObject')
other.append(document.createElement('br'))
svg.append(a, other, document.createComment('--'))
svg`
  const shown = await result(client, code)
  const svg = String(Reflect.get(Object(shown), 'image/svg+xml'))
  const parser = new SaxesParser({ xmlns: true })
  const errors: string[] = []
  parser.on('error', (error) => errors.push(error.message))
  parser.write(svg).close()
  expect(errors).toEqual([])
  expect(svg).toContain('<a xlink:href="?a=1&amp;b=2">x &lt; \u00a0 &amp; \ufffd</a>')
  expect(svg).toContain('<br xmlns="http://www.w3.org/1999/xhtml"/>')
})

test('a plot needs no more than `document`, and says so', async () => {
  const { client } = await notebook({}, ['@observablehq/plot'])
  await ok(client, "import * as Plot from '@observablehq/plot'")
  const marks = "marks: [Plot.dot([{ x: 1, y: 2 }], { x: 'x', y: 'y' })]"
  expect(await failure(client, `Plot.plot({ ${marks} })`)).toContain(
    'Pass it one: `Plot.plot({ document, … })`',
  )
  expect(await result(client, `Plot.plot({ document, ${marks} })`)).toEqual(
    expect.objectContaining({ 'image/svg+xml': expect.stringContaining('aria-label="dot"') }),
  )
  await ok(client, '%dom on')
  expect(await result(client, `Plot.plot({ ${marks} })`)).toEqual(
    expect.objectContaining({ 'image/svg+xml': expect.stringContaining('aria-label="dot"') }),
  )
})

const DRAWS = `export const draw = () => document.createElement('i')
export const inBrowser = typeof window !== 'undefined'
`

test('%dom makes document and window global, says for whom, and removes them', async () => {
  const { client } = await notebook({
    'node_modules/draws/package.json': '{ "type": "module", "exports": "./index.js" }',
    'node_modules/draws/index.js': DRAWS,
    'node_modules/later/package.json': '{ "type": "module", "exports": "./index.js" }',
    'node_modules/later/index.js': DRAWS,
    'node_modules/eager/package.json': '{ "type": "module", "exports": "./index.js" }',
    'node_modules/eager/index.js': 'document.title\n',
  })
  expect(textOf(await ok(client, '%dom'))).toContain('are not global')
  expect(await failure(client, "import 'eager'")).toContain('restart the kernel')
  await ok(client, "import { draw, inBrowser } from 'draws'")
  expect(await failure(client, 'draw()')).toBe(
    'document is not defined. Make it global in a cell before this one: `%dom on`',
  )
  const on = textOf(await ok(client, '%dom on'))
  expect(on).toContain('document and window are global now.')
  expect(on).toContain('took themselves for running in Node: eager, draws.')
  expect(await result(client, 'draw()')).toEqual(expect.objectContaining(text('<i></i>')))
  expect(
    await result(client, "import * as later from 'later'\n;[inBrowser, later.inBrowser]"),
  ).toEqual(text('[ false, true ]'))
  expect(
    await result(client, 'draw() instanceof HTMLElement && window.document === document'),
  ).toEqual(text('true'))
  expect(textOf(await ok(client, '%dom'))).toContain('are global')
  expect(textOf(await ok(client, '%dom off'))).toContain('no longer global')
  expect(
    await result(client, "[typeof window, 'document' in globalThis, 'HTMLElement' in globalThis]"),
  ).toEqual(text("[ 'undefined', false, false ]"))
  expect(await failure(client, '%dom maybe')).toContain('Usage: %dom [on|off]')
  const { reply } = await client.ask('complete_request', { code: '%dom o', cursor_pos: 6 })
  expect(reply.content['matches']).toEqual(['on', 'off'])
})

test('%dom leaves a name that a cell declared', async () => {
  const { client } = await notebook()
  await ok(client, 'let window = 5')
  expect(textOf(await ok(client, '%dom on'))).toContain('window was declared by a cell and stays')
  await ok(client, '%dom off')
  expect(await result(client, 'window')).toEqual(text('5'))
  await ok(client, 'let document = 6')
  const kept = 'document and window were declared by a cell and stay.\n'
  expect(textOf(await ok(client, '%dom on'))).toBe(kept)
})

test('the example of plots shows what its text says', async () => {
  const { client } = await notebook({}, ['@observablehq/plot', 'd3'])
  const file = join(import.meta.dirname, '../../examples/plots.ipynb')
  const example: Example = parseExample(readFileSync(file, 'utf8'))
  const { cells } = example
  const code = cells
    .filter((cell) => cell.cell_type === 'code')
    .map(({ source }) => source.join(''))
  expect(code[0]).toMatch(/^! npm install @observablehq\/plot\S* d3\S*$/)
  const shown: string[] = []
  for (const source of code.slice(1)) {
    const answer = await ok(client, source)
    shown.push(JSON.stringify(bundles(answer, 'execute_result')) + textOf(answer))
  }
  expect(shown).toEqual([
    expect.stringContaining('"image/svg+xml":"<svg'),
    expect.stringContaining('<h2>How often each value was met</h2>'),
    expect.stringContaining('fill=\\"#fde725\\"'),
    expect.stringMatching(/global now.*\n.*@observablehq\/plot/),
    expect.stringContaining('fill=\\"tomato\\"'),
    expect.stringContaining('no longer global'),
  ])
})

test('packages still take themselves for running in Node: ten tests, as they stand in packages', async () => {
  const files = BROWSER_TESTS.flatMap(({ package: name, source }): Array<[string, string]> => [
    [`node_modules/${name}/package.json`, '{ "type": "module", "exports": "./index.js" }'],
    [`node_modules/${name}/index.js`, source],
  ])
  const { client } = await notebook(Object.fromEntries(files))
  await ok(client, "document.createElement('b')")
  const asked = BROWSER_TESTS.map(({ package: name }) => `(await import('${name}')).inBrowser`)
  const all = `[${asked.join(', ')}].join()`
  expect(await result(client, all)).toEqual(text(`'${BROWSER_TESTS.map(() => 'false').join()}'`))
})

const REAL = process.env['JUPYTERPOST_PACKAGES'] === 'all'

;(REAL ? test : test.skip)(
  'the ten packages themselves',
  async () => {
    const { client, folder } = await notebook({ 'package.json': '{}' })
    const wanted = BROWSER_TESTS.map((one) => `${one.package}@${one.version}`)
    execFileSync('npm', ['install', '--ignore-scripts', ...wanted], { cwd: folder })
    await ok(client, "document.createElement('b')")
    const answers: unknown[] = []
    for (const { asked } of BROWSER_TESTS) answers.push(await result(client, asked))
    expect(answers).toEqual(BROWSER_TESTS.map(() => text('false')))
  },
  120_000,
)
