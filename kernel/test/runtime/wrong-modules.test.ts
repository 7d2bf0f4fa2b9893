// What is wrong in local modules is said with file and line and what helps; a large folder of
// packages costs nothing.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { NotebookFolder } from '../helpers/folder.ts'
import { closeAll } from '../helpers/started.ts'

/** Notes each folder that is listed, before the kernel takes Node's functions. */
const SPY = `
  const fs = require('node:fs')
  globalThis.listed = []
  for (const name of ['readdirSync', 'opendirSync', 'readdir', 'opendir']) {
    const list = fs[name]
    fs[name] = (path, ...rest) => { listed.push(String(path)); return list(path, ...rest) }
  }
  require('node:module').syncBuiltinESMExports()
`

let notebook: NotebookFolder

beforeAll(async () => {
  notebook = await NotebookFolder.open({
    'helpers.ts': 'export const help: number = 1\n',
    'lib/shapes.ts': 'export const shape: number = 1\n',
    'broken.ts': 'export const one: number = 1\nexport const two: number = = 2\n',
    'broken.cts': 'const one: number = 1\nconst two: number = = 2\n',
    'broken.tsx': 'export const one: number = 1\nexport const two = <p>\n',
    'broken.mjs': 'export const one = 1\nexport const two = = 2\n',
    'broken.json': '{\n  "one": 1,\n  "two" 2\n}\n',
    'decorated.ts':
      'function d(..._: unknown[]) {}\n@d class One {}\nexport const two: number = = 2\n',
    'through.ts': "export const before = 1\nexport { two } from './broken'\n",
    'misspelt.ts': "import { help } from './helper'\nexport const x = help\n",
    'early-a.ts': "import { b } from './early-b'\nexport const a: number = b + 1\n",
    'early-b.ts': "import { a } from './early-a'\nexport const b: number = a + 1\n",
  })
})

afterAll(closeAll)

test.each([
  ['broken.ts', 'broken.ts:2', 'export const two: number = = 2'],
  ['broken.cts', 'broken.cts:2', 'const two: number = = 2'],
  ['broken.tsx', 'broken.tsx:', '<p>'],
  ['broken.mjs', 'broken.mjs:2', 'export const two = = 2'],
  ['decorated.ts', 'decorated.ts:3', 'export const two: number = = 2'],
  ['through.ts', 'broken.ts:2', 'export const two: number = = 2'],
])('a syntax error in %s names its file and line', async (file, place, code) => {
  const traceback = await notebook.traceback(`import './${file}'`)
  expect(traceback).toContain('SyntaxError')
  expect(traceback).toContain(place)
  expect(traceback).toContain(code)
})

test('broken JSON names its file and line', async () => {
  const text = await notebook.shown("import x from './broken.json'")
  expect(text).toContain(`${notebook.path}/broken.json is no JSON`)
  expect(text).toContain('line 3')
})

test.each([
  ["import './helper.ts'", '', 'helpers.ts'],
  ["import './helprs'", '', 'helpers.ts'],
  ["import './lib/shape'", '', 'shapes.ts'],
  ["await import('./misspelt')", ' imported from {folder}/misspelt.ts', 'helpers.ts'],
  ["require('./helprs')", '', 'helpers.ts'],
])('%s says what was looked for, and what is near it', async (code, from, near) => {
  const text = await notebook.shown(code)
  const { path } = notebook
  expect(text).toContain(`${from.replace('{folder}', path)}: there is no file ${path}/`)
  expect(text).toMatch(new RegExp(`Near it is ${near}$`))
})

test('what is far from all files has no hint', async () => {
  expect(await notebook.shown("import './quite-another-name'")).toMatch(
    /no folder with an index file$/,
  )
})

test('a circle that reads a name too early says which, and at which line', async () => {
  const traceback = await notebook.traceback("import { a } from './early-a'; a")
  expect(traceback).toContain("Cannot access 'a' before initialization")
  expect(traceback).toContain('early-b.ts:2')
})

const levels = (open: string, close: string, count: number) =>
  `export const deep: unknown = ${open.repeat(count)}1${close.repeat(count)}\n`

test.each([
  ['brackets', levels('(', ')', 20_000)],
  ['functions', levels('a => ', '', 20_000)],
])('%s inside each other end no process', async (what, text) => {
  notebook.write({ [`deep-${what}.ts`]: text })
  await notebook.shown('var kept = 5')
  const traceback = await notebook.traceback(`import { deep } from './deep-${what}'; deep`)
  expect(traceback).toContain(`deep-${what}.ts:1`)
  expect(traceback).toContain('Nested too deeply for the compiler')
  expect(await notebook.shown('kept')).toBe('5')
})

test('a long file with many brackets that are text, and many conditions, is loaded', async () => {
  const sad = `export const sad = [${"':(', ".repeat(1500)}]\n`
  const lines = 'if (sad.length === 0) throw sad\n'.repeat(1500)
  notebook.write({ 'long.ts': `enum E { A }\n${sad}${lines}` })
  expect(await notebook.shown("import { sad } from './long'; sad.length")).toBe('1500')
})

/** JUPYTERPOST_TEST_PACKAGES=100000 takes some minutes: it is the files that take the time. */
const PACKAGES = Number(process.env['JUPYTERPOST_TEST_PACKAGES'] ?? 1000)

test(
  'a folder of many packages is never listed, whether an import finds its package or not',
  async () => {
    const preloaded = mkdtempSync(join(tmpdir(), 'preloaded-'))
    const spy = join(preloaded, 'spy.cjs')
    writeFileSync(spy, SPY)
    const env = { NODE_OPTIONS: `--require ${spy}` }
    const many = await NotebookFolder.open({ 'helpers.ts': 'export const help = 1' }, { env })
    const folder = join(many.path, 'node_modules')
    for (let n = 0; n < PACKAGES; n++) {
      mkdirSync(join(folder, `package-${n}`), { recursive: true })
      writeFileSync(join(folder, `package-${n}`, 'index.js'), `module.exports = ${n}`)
    }
    const last = PACKAGES - 1
    expect(
      await many.shown(
        `import { help } from './helpers'; import last from 'package-${last}'; [help, last].join()`,
      ),
    ).toBe(`'1,${last}'`)
    expect(await many.shown("import 'pakage-7'")).toContain("Cannot find package 'pakage-7'")
    // The spy sees the kernel's own calls: this one is for the nearest file.
    expect(await many.shown("import './helprs'")).toContain('Near it is helpers.ts')
    expect(await many.shown('listed.join()')).toBe(`'${many.path}'`)
    rmSync(preloaded, { recursive: true })
    rmSync(folder, { recursive: true })
  },
  15_000 + PACKAGES * 10,
)
