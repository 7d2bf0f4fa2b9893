// Cells with JSX through the whole kernel: what they show, where their mistakes are, and whose
// elements they make.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { typescriptProgram } from '../src/language/typescript/program.ts'
import { Client } from './helpers/client.ts'
import { spawnKernel } from './helpers/kernel.ts'
import type { Spawned } from './helpers/kernel.ts'
import { TestRuntime } from './helpers/runtime.ts'
import { bundles, textOf } from './helpers/shown.ts'

interface Notebook {
  kernel: Spawned
  client: Client
  folder: string
}

const open: Notebook[] = []
let own: Notebook

async function notebook(files: Record<string, string> = {}): Promise<Notebook> {
  const kernel = await spawnKernel()
  const client = await new Client(kernel.connection).connect()
  const folder = dirname(kernel.file)
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  open.push({ kernel, client, folder })
  return { kernel, client, folder }
}

/** A project with libraries of this repository. */
async function project(
  dependencies: readonly string[],
  installed = dependencies,
): Promise<Notebook> {
  const versions = Object.fromEntries(dependencies.map((name) => [name, '*']))
  const made = await notebook({
    'package.json': JSON.stringify({ dependencies: versions }),
    'node_modules/none': '',
  })
  const modules = join(import.meta.dirname, '../../node_modules')
  for (const name of installed) {
    symlinkSync(join(modules, name), join(made.folder, 'node_modules', name))
  }
  return made
}

beforeAll(async () => {
  own = await notebook({
    'drawing.tsx': 'export const Drawing = () => <x:y a:b="1"/>\n',
    'card.tsx': `enum Size { Big }
export function Card({ title }: { title: string }) {
  if (title === 'bad') throw new Error('in the card')
  return <h1 data-size={Size.Big}>{title}</h1>
}
`,
  })
})

afterAll(async () => {
  for (const { client, kernel } of open) {
    client.close()
    await kernel.close()
  }
})

async function shown(code: string, { client }: Notebook = own): Promise<unknown> {
  const answer = await client.execute(code)
  expect(answer.reply.content).toEqual(expect.objectContaining({ status: 'ok' }))
  return bundles(answer, 'execute_result')[0]
}

async function failure(code: string, { client }: Notebook = own): Promise<string> {
  const { reply } = await client.execute(code)
  const { status, traceback } = reply.content
  expect(status).toBe('error')
  return stripVTControlCharacters(Array.isArray(traceback) ? traceback.join('\n') : '')
}

const html = (markup: string) => expect.objectContaining({ 'text/html': markup })

test.each([
  ['<b>hi</b>', '<b>hi</b>'],
  ['<><i>a</i>{null}{false}{0}{"<&>"}</>', '<i>a</i>0&lt;&amp;&gt;'],
  ['<br/>', '<br/>'],
  [
    '<input type="checkbox" defaultChecked disabled={false} />',
    '<input type="checkbox" checked=""/>',
  ],
  [
    '<label className="x" htmlFor="y" tabIndex={1}>z</label>',
    '<label class="x" for="y" tabindex="1">z</label>',
  ],
  [
    '<p style={{ fontSize: 12, lineHeight: 2, marginTop: 0, "--c": 3 }}/>',
    '<p style="font-size:12px;line-height:2;margin-top:0;--c:3"></p>',
  ],
  [
    '<p title={`"<>&`} onClick={() => 1} data-a={true} aria-hidden={false}/>',
    '<p title="&quot;&lt;&gt;&amp;" data-a="true" aria-hidden="false"></p>',
  ],
  ['<p dangerouslySetInnerHTML={{ __html: "<b>raw</b>" }}/>', '<p><b>raw</b></p>'],
  ['<p {...{ "a b": 1, "x>": 2, ok: 3 }}/>', '<p ok="3"></p>'],
  ['<style>{"a > b {} </style>"}</style>', '<style>a > b {} \\3c /style></style>'],
  ['<textarea defaultValue="<x>"/>', '<textarea>&lt;x&gt;</textarea>'],
  ['<ul>{new Set(["a", "b"])}</ul>', '<ul>ab</ul>'],
  ['[1, 2].map((n) => <li key={n}>{n}</li>)', '<li>1</li><li>2</li>'],
  ['const n = 1\n<p>{n}</p>', '<p>1</p>'],
  [
    'let q: number = 0\nq++\n<ul>\n<li>zero</li>\n  {[q].map((one) => <li>{one}</li>)}\n</ul>',
    '<ul><li>zero</li><li>1</li></ul>',
  ],
  [
    'async function Slow() { await null; return <p>slow</p> }\n<div><Slow/></div>',
    '<div><p>slow</p></div>',
  ],
  [
    'class K { props: any; constructor(props: any) { this.props = props }; render() { return <b>{this.props.n}</b> } }\n<K n={3}/>',
    '<b>3</b>',
  ],
  ['@((c: any, _: any) => c) class D { render() { return <b>d</b> } }\n<D/>', '<b>d</b>'],
  ['<x:y a:b="1"/>', '<x:y a:b="1"></x:y>'],
  ['@((c: any, _: any) => c) class E {}\n<p xml:lang="en"/>', '<p xml:lang="en"></p>'],
  ["import { Drawing } from './drawing.tsx'\n<Drawing/>", '<x:y a:b="1"></x:y>'],
  [
    "import { Card } from './card.tsx'\n<div><Card title='x'/></div>",
    '<div><h1 data-size="0">x</h1></div>',
  ],
  [
    '({ outerHTML: "<hr>" }); const node = { outerHTML: "<hr>" }\n<div>{node}</div>',
    '<div><hr></div>',
  ],
])('%j is shown as %j', async (code, markup) => {
  expect(await shown(code)).toEqual(html(markup))
})

test('a component is defined in one cell and used in the next; its text is as written', async () => {
  await own.client.execute('function Chart({ width }: { width: number }) { return <i>{width}</i> }')
  expect(await shown('<Chart width={3} />')).toEqual({
    'text/html': '<i>3</i>',
    'text/plain': '<Chart width={3} />',
  })
  const displayed = await own.client.execute('display(<Chart width={4}>many</Chart>)')
  expect(bundles(displayed)).toEqual([
    { 'text/html': '<i>4</i>', 'text/plain': '<Chart width={4}>many</Chart>' },
  ])
  expect(await shown('Chart')).toEqual({ 'text/plain': '[Function: Chart]' })
  expect(await shown('String(<Chart width={5} />)')).toEqual({ 'text/plain': "'<i>5</i>'" })
})

test('a drawing is a picture whose attributes are those of SVG', async () => {
  expect(
    await shown('<svg viewBox="0 0 1 1"><path strokeWidth={2} fillOpacity={0.5}/></svg>'),
  ).toEqual(
    expect.objectContaining({
      'image/svg+xml':
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path stroke-width="2" fill-opacity="0.5"></path></svg>',
    }),
  )
})

test('what a component throws is the error of the cell, with its line', async () => {
  const code =
    'function Bad() {\n  const a: any = null\n  return <p>{a.x}</p>\n}\n<div><Bad /></div>'
  const error = await failure(code)
  expect(error).toContain('> 3 |   return <p>{a.x}</p>')
  expect(error).toContain("Cannot read properties of null (reading 'x')")
  expect(await failure('<Card title="bad" />')).toMatch(/card\.tsx:3:/)
  expect(await failure('function Self() { return <Self /> }\n<Self />')).toContain('<Self>')
  expect(await failure('<div>{{ a: 1 }}</div>')).toContain('An object with keys {a}')
  expect(await failure('<div>{own => 1}</div>')).toContain('A function cannot stand')
})

test.each([
  ['<div>\n  <p>hello</b>\n</div>', '> 2 |   <p>hello</b>', "closing tag for 'p'"],
  ['<div>{</div>', '> 1 | <div>{</div>', 'Unexpected token'],
  ['const a = 1\nconst b = <p>{a</p>', '> 2 | const b = <p>{a</p>', ''],
])('a mistake in %j is shown at its place', async (code, line, words) => {
  const error = await failure(code)
  expect(error).toContain(line)
  expect(error).toContain(words)
})

test.each([
  ['<div>', 'incomplete'],
  ['<div>\n  <p>hello</p>', 'incomplete'],
  ['const x = <ul>\n  {[1].map((n) => <li>{n}</li>)}\n', 'incomplete'],
  ['<Chart width={3}\n', 'incomplete'],
  ['<div>hi</div>', 'complete'],
  ['const n = 1\n<p>{n}</p>', 'complete'],
  ['<p>a</b>', 'invalid'],
])('%j is %s', async (code, status) => {
  const { reply } = await own.client.ask('is_complete_request', { code })
  expect(reply.content['status']).toBe(status)
})

test('nothing of it is a name of the notebook', async () => {
  await own.client.execute('<b/>')
  expect(await shown("Object.keys(globalThis).filter((name) => name.includes('jsx'))")).toEqual({
    'text/plain': '[]',
  })
})

test('many elements inside each other are no danger', async () => {
  const deep = `${'<b>'.repeat(30_000)}${'</b>'.repeat(30_000)}`
  expect(await failure(deep)).toContain('Nested too deeply')
  const made =
    'let e: unknown = "x"; for (let i = 0; i < 9_000; i++) e = <b>{e}</b>; String(e).length'
  expect(await shown(made)).toEqual({ 'text/plain': '63001' })
})

test('a project with React makes elements of React, which its own renderer shows', async () => {
  const react = await project(['react', 'react-dom'])
  const code = `import { useState } from 'react'
function Counter() { const [n] = useState(41); return <p className="c">{n + 1}</p> }
<Counter />`
  expect(await shown(code, react)).toEqual({
    'text/html': '<p class="c">42</p>',
    'text/plain': '<Counter />',
  })
  expect(await failure('function Oh() {\n  throw new Error("oh")\n}\n<Oh />', react)).toContain(
    '> 2 |',
  )
})

test('without its renderer an element says what to add', async () => {
  const react = await project(['react'])
  expect(await shown('<b>x</b>', react)).toEqual({
    'text/plain': '<b>x</b>\n[shown as HTML once its renderer is there: %npm add react-dom]',
  })
})

test('a project with Preact makes elements of Preact', async () => {
  const preact = await project(['preact', 'preact-render-to-string'])
  const code = `import { useState } from 'preact/hooks'
function Counter() { const [n] = useState(41); return <p class="c">{n + 1}</p> }
<Counter />`
  expect(await shown(code, preact)).toEqual(html('<p class="c">42</p>'))
})

test('a tsconfig.json says what JSX becomes', async () => {
  const classic = await notebook({
    'base.json': '{ "compilerOptions": { "jsx": "react", "jsxFactory": "h" } }',
    'tsconfig.json': '{\n  // of the project\n  "extends": "./base.json",\n}',
    'a.tsx': 'const h = (...all: unknown[]) => all\nexport const a = <i>{1}</i>\n',
  })
  await classic.client.execute('const h = (...all: unknown[]) => all')
  expect(await shown('<b a={1}>x</b>', classic)).toEqual({ 'text/plain': "[ 'b', { a: 1 }, 'x' ]" })
  expect(await shown("import { a } from './a.tsx'\na", classic)).toEqual({
    'text/plain': "[ 'i', null, 1 ]",
  })
  const source = await notebook({
    'tsconfig.json': '{ "compilerOptions": { "jsx": "react-jsx", "jsxImportSource": "mine" } }',
    'node_modules/mine/package.json':
      '{ "name": "mine", "type": "module", "exports": { "./jsx-runtime": "./j.js" } }',
    'node_modules/mine/j.js': 'export const jsx = (type, props) => ({ mine: type, ...props })',
  })
  expect(await shown('<b x={1}/>', source)).toEqual({ 'text/plain': "{ mine: 'b', x: 1 }" })
})

test('nothing of JSX is loaded by a cell without it', async () => {
  const plain = await notebook()
  const answer = await plain.client.execute("console.log('<b>', 1 < 2)")
  expect(textOf(answer)).toBe('<b> true\n')
})

test('a component that never ends can be interrupted, and names stay', async () => {
  const runtime = new TestRuntime()
  try {
    const code = "let kept = 1\nfunction Loop() { console.log('in'); while (true) {} }\n<Loop />"
    const ended = runtime.run(code)
    await runtime.until(() => runtime.text('stdout') === 'in\n')
    await runtime.runtime.interrupt()
    expect(await ended).toMatchObject({ status: 'error', interrupted: true })
    expect(runtime.lost).toEqual([])
    expect(await runtime.result('kept')).toBe('1')
  } finally {
    await runtime.close()
  }
})

test('elements have types for those who have none', () => {
  const folder = mkdtempSync(join(tmpdir(), 'jsx-types-'))
  const types = join(import.meta.dirname, '../../dist/kernel/src/api/jsx-runtime.d.ts')
  const compilerOptions = {
    jsx: 'react-jsx',
    jsxImportSource: 'jupyterpost',
    strict: true,
    noEmit: true,
    types: [],
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: ['esnext'],
    skipLibCheck: true,
    paths: { 'jupyterpost/jsx-runtime': [types] },
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, files: ['a.tsx'] }),
  )
  const code = `async function Slow({ n }: { n: number }) { return <i>{n}</i> }
export const all = <div a="1"><Slow n={1} key="k" /><>x</></div>
export const wrong = <Slow n="1" />
`
  writeFileSync(join(folder, 'a.tsx'), code)
  const { stdout } = spawnSync(typescriptProgram(), ['-p', folder], { encoding: 'utf8' })
  rmSync(folder, { recursive: true })
  expect(stdout.trim().split('\n')).toEqual([
    expect.stringMatching(/a\.tsx\(3,\d+\): error TS2322/),
  ])
})
