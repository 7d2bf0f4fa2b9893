// A local module that was edited, or that failed to load, is loaded anew with what imports it; the
// others keep their state.
import { utimesSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from '@jest/globals'
import { NotebookFolder } from '../helpers/folder.ts'
import { closeAll } from '../helpers/started.ts'

let notebook: NotebookFolder
let round = 0
/** A folder of the test's own: no name is imported twice by mistake. */
let at = ''

beforeEach(async () => {
  notebook ??= await NotebookFolder.open()
  at = `./t${++round}`
})

afterAll(closeAll)

function write(files: Readonly<Record<string, string>>): void {
  notebook.write(
    Object.fromEntries(Object.entries(files).map(([name, text]) => [`${at}/${name}`, text])),
  )
}

test('an edited module is loaded anew, and one line says so', async () => {
  write({ 'a.ts': 'export const a: number = 1' })
  expect(await notebook.shown(`import { a } from '${at}/a'; a`)).toBe('1')
  expect(await notebook.notices(`import { a } from '${at}/a'; a`)).toBe('')
  write({ 'a.ts': 'export const a: number = 2' })
  expect(await notebook.notices(`import { a } from '${at}/a'`)).toBe(
    '[a.ts was edited: loaded anew]\n',
  )
  expect(await notebook.shown('a')).toBe('2')
})

test.each([['mts'], ['tsx'], ['js'], ['mjs'], ['cjs'], ['cts'], ['json']])(
  'an edited .%s is loaded anew',
  async (ending) => {
    const text = (n: number) =>
      ending === 'json'
        ? `{ "a": ${n} }`
        : ending.startsWith('c')
          ? `exports.a = ${n}`
          : `export const a = ${n}`
    write({ [`a.${ending}`]: text(1) })
    const code = `import { a } from '${at}/a.${ending}'; a`
    expect(await notebook.shown(code)).toBe('1')
    write({ [`a.${ending}`]: text(2) })
    expect(await notebook.shown(code)).toBe('2')
  },
)

test.each([
  ['ts', 'export const a: number ='],
  ['cts', 'exports.a ='],
  ['json', ''],
])('an edited .%s is loaded anew by require', async (ending, text) => {
  const value = (n: number) => (text === '' ? `{ "a": ${n} }` : `${text} ${n}`)
  write({ [`a.${ending}`]: value(1), 'b.ts': `export { a } from './a.${ending}'` })
  const code = `[require('${at}/a.${ending}').a, require('${at}/b').a].join()`
  expect(await notebook.shown(code)).toBe("'1,1'")
  write({ [`a.${ending}`]: value(2) })
  expect(await notebook.shown(code)).toBe("'2,2'")
  write({ [`a.${ending}`]: value(3) })
  expect(await notebook.shown(code)).toBe("'3,3'")
})

test('what imports an edited module is loaded anew, what it does not touch keeps its state', async () => {
  write({
    'low.ts': 'export const low: string = "old"',
    'state.ts': 'export const state: { count: number } = { count: 0 }',
    'middle.ts': "export { low } from './low'\nimport './state'",
    'top.ts':
      "import { low } from './middle'\nimport { state } from './state'\nexport const top = () => `${low} ${++state.count}`",
    'other.ts': "import { low } from './low.js'\nexport const other = () => low",
  })
  expect(await notebook.shown(`import { top } from '${at}/top'; top()`)).toBe("'old 1'")
  expect(await notebook.shown(`import { other } from '${at}/other'; other()`)).toBe("'old'")
  write({ 'low.ts': 'export const low: string = "new"' })
  expect(await notebook.notices(`import { top } from '${at}/top'`)).toBe(
    '[low.ts was edited: loaded anew, with middle.ts, top.ts, which import it]\n',
  )
  expect(await notebook.shown('top()')).toBe("'new 2'")
  expect(await notebook.shown(`import { other } from '${at}/other'; other()`)).toBe("'new'")
})

test('a module that threw is loaded anew, and what it had loaded is not', async () => {
  write({
    'before.ts': 'console.log("loaded before")',
    'throws.ts': "import './before'\nthrow new Error('not yet')",
    'top.ts': "import './throws'\nexport const top = 1",
  })
  const code = `import { top } from '${at}/top'; top`
  expect(await notebook.shown(code)).toBe('Error: not yet')
  expect(await notebook.shown(code)).toBe('Error: not yet')
  write({ 'throws.ts': "import './before'\nconsole.log('mended')" })
  const answer = await notebook.client.execute(code)
  expect(JSON.stringify(answer.iopub)).toContain('mended')
  expect(JSON.stringify(answer.iopub)).not.toContain('loaded before')
})

test('one that failed for what is outside it is loaded anew without an edit', async () => {
  write({
    'asks.ts': "if (!process.env.READY) throw new Error('not ready')\nexport const ready = true",
  })
  const code = `import { ready } from '${at}/asks'; ready`
  expect(await notebook.shown(code)).toBe('Error: not ready')
  await notebook.shown('process.env.READY = "1"')
  expect(await notebook.notices(code)).toBe('[asks.ts failed to load before: loaded anew]\n')
  expect(await notebook.shown(code)).toBe('true')
})

test.each([
  ['a syntax error', 'export const a: number = = 1', 'SyntaxError'],
  ['a missing import', "import './missing'\nexport const a = 1", 'Cannot find module'],
  ['a missing name', "import { nope } from './b'\nexport const a = nope", 'nope'],
])('%s is mended by an edit', async (_what, broken, message) => {
  write({ 'a.ts': broken, 'b.ts': 'export const b = 1' })
  const code = `import { a } from '${at}/a'; a`
  expect(await notebook.shown(code)).toContain(message)
  write({ 'a.ts': 'export const a: number = 5' })
  expect(await notebook.shown(code)).toBe('5')
})

test('a missing module that appears is found', async () => {
  write({ 'a.ts': "export { b } from './b'" })
  expect(await notebook.shown(`import { b } from '${at}/a'; b`)).toContain('Cannot find module')
  write({ 'b.ts': 'export const b: number = 6' })
  expect(await notebook.shown(`import { b } from '${at}/a'; b`)).toBe('6')
})

test('an edit that changes neither size nor times is seen', async () => {
  write({ 'a.ts': 'export const a: number = 1' })
  const file = join(notebook.path, at, 'a.ts')
  const { atime, mtime } = statSync(file)
  expect(await notebook.shown(`import { a } from '${at}/a'; a`)).toBe('1')
  write({ 'a.ts': 'export const a: number = 2' })
  utimesSync(file, atime, mtime)
  expect(await notebook.shown(`import { a } from '${at}/a'; a`)).toBe('2')
})

test('a touched file with the same content keeps its state', async () => {
  write({ 'a.ts': 'export const state: number[] = []' })
  await notebook.shown(`import { state } from '${at}/a'; state.push(1)`)
  utimesSync(join(notebook.path, at, 'a.ts'), 1, 1)
  expect(await notebook.shown(`import { state } from '${at}/a'; state.length`)).toBe('1')
})

test('CommonJS that requires an edited file is loaded anew each time, by require and by import', async () => {
  write({ 'top.cts': 'import low = require("./low")\nexport = low' })
  for (const n of [1, 2, 3, 4]) {
    write({ 'low.cts': `export = { n: ${n} as number }` })
    expect(await notebook.shown(`require('${at}/top').n`)).toBe(`${n}`)
    expect(await notebook.shown(`import top from '${at}/top.cts'; top.n`)).toBe(`${n}`)
  }
})

test('modules in a circle are loaded anew together', async () => {
  write({
    'one.ts':
      "import { two } from './two'\nexport const one = (): number => 1\nexport const sum = () => one() + two()",
    'two.ts': "import { one } from './one'\nexport const two = () => one() + 1",
  })
  expect(await notebook.shown(`import { sum } from '${at}/one'; sum()`)).toBe('3')
  write({ 'two.ts': "import { one } from './one'\nexport const two = () => one() + 10" })
  expect(await notebook.shown(`import { sum } from '${at}/one'; sum()`)).toBe('12')
})

test('a module that is edited 50 times is the last one each time', async () => {
  for (let n = 0; n < 50; n++) {
    write({ 'a.ts': `export const a: number = ${n % 10}` })
    expect(await notebook.shown(`import { a } from '${at}/a'; a`)).toBe(`${n % 10}`)
  }
})

test('a stack names the file without its version', async () => {
  write({ 'a.ts': 'export const a: number = 1' })
  await notebook.shown(`import { a } from '${at}/a'`)
  write({
    'a.ts':
      'interface Long {\n  a: 1\n}\nexport function fail(): never {\n  throw new Error("there")\n}',
  })
  const traceback = await notebook.traceback(`import { fail } from '${at}/a'; fail()`)
  expect(traceback).toContain(`at fail ${join(notebook.path, at, 'a.ts')}:5:9`)
  expect(traceback).not.toContain('jupyterpost=')
})
