// What is wrong in local modules is said with file and line and what helps; a large folder of
// packages costs nothing.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { NotebookFolder } from '../helpers/folder.ts'
import { closeAll } from '../helpers/started.ts'

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

test('a folder of many packages costs an import nothing', async () => {
  const size = Number(process.env['JUPYTERPOST_TEST_PACKAGES'] ?? 2000)
  const folder = join(notebook.path, 'node_modules')
  for (let n = 0; n < size; n++) {
    mkdirSync(join(folder, `package-${n}`), { recursive: true })
    writeFileSync(join(folder, `package-${n}`, 'index.js'), `module.exports = ${n}`)
  }
  await notebook.shown("import './helpers'")
  const text = await notebook.shown(`
    import { monitorEventLoopDelay } from 'node:perf_hooks'
    const opened: string[] = []
    const fs = require('node:fs')
    for (const name of ['readdirSync', 'opendirSync', 'readdir', 'opendir']) {
      const before = fs[name]
      fs[name] = (...args: unknown[]) => { opened.push(String(args[0])); return before(...args) }
    }
    require('node:module').syncBuiltinESMExports()
    const { default: last } = await import('package-${size - 1}')
    const { help } = await import('./helpers')
    JSON.stringify([last, help, opened])`)
  expect(text).toBe(`'[${size - 1},1,[]]'`)
})
