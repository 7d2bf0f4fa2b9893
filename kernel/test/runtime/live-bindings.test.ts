// An imported name is what its module exports now, in its own cell and in later ones, and cannot be
// assigned. Names that CommonJS imports and exports are names of cells too.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { NotebookFolder } from '../helpers/folder.ts'
import { closeAll } from '../helpers/started.ts'

let notebook: NotebookFolder

const COUNTER = 'export let n = 0\nexport function bump() { n += 1; return n }\n'
const COMMON =
  'exports.n = 0\nexports.bump = () => (exports.n += 1)\nconst late = "late"\nexports[late] = 1\nexports.more = () => { exports[late] += 1 }\n'

beforeAll(async () => {
  notebook = await NotebookFolder.open({
    'counter.ts': `${COUNTER}let d = 1\nexport { d as default }\nexport const next = () => { d += 1 }\n`,
    'again.ts': `export { n as m, bump as bumpM, default } from './counter.ts'\nexport * as all from './counter.ts'\n`,
    'common.cjs': COMMON,
    'node_modules/common/index.js': COMMON,
    'node_modules/common/package.json': '{ "name": "common" }',
    'node_modules/esm/index.js': `${COUNTER}export let say = () => 'old'\nexport const replace = () => { say = () => 'new' }\n`,
    'node_modules/esm/package.json': '{ "name": "esm", "type": "module" }',
    'first.ts': "import './second.ts'\nexport let late = 1\n",
    'second.ts':
      "import { late } from './first.ts'\nexport const peek = () => late\nexport let early = ''\ntry { peek() } catch (error) { early = String(error) }\n",
  })
})

afterAll(closeAll)

async function notebookOf(cells: readonly string[]): Promise<string[]> {
  const shown: string[] = []
  for (const cell of ['%reset -f', ...cells]) shown.push(await notebook.shown(cell))
  return shown.slice(1)
}

test.each([
  ['a local file', "import { n, bump } from './counter.ts'"],
  ['a name of one’s own', "import { n, bump as bump } from './counter.ts'"],
  ['a file that exports it again', "import { m as n, bumpM as bump } from './again.ts'"],
  ['local CommonJS', "import { n, bump } from './common.cjs'"],
  ['a CommonJS package', "import { n, bump } from 'common'"],
  ['a package', "import { n, bump } from 'esm'"],
])(
  'a name of %s is live in its cell, in closures, after an await and in the next cell',
  async (_of, from) => {
    const [own, later, printed] = await notebookOf([
      `${from}\nconst start = n, seen = () => n - start\nbump(); const first = seen()\nawait 0; bump();\n[first, seen(), n - start]`,
      'bump(); [n - start, seen(), typeof n, Object.keys({ n }), (({ v = n }) => v - start)({})]',
      'setTimeout(() => console.log(n - start)); bump(); await new Promise((done) => setTimeout(done, 1))',
    ])
    expect(own).toBe('[ 1, 2, 2 ]')
    expect(later).toBe("[ 3, 3, 'number', [ 'n' ], 3 ]")
    expect(printed).toBe('4\n')
  },
)

test('a default, a namespace and what Node cannot see of CommonJS are live', async () => {
  expect(
    await notebookOf([
      "import d, { next } from './counter.ts'\nconst start = d; next(); d - start",
      'next(); d - start',
      "import again from './again.ts'\nnext(); again - start",
      "import * as ns from './counter.ts'\nimport { all } from './again.ts'\nconst before = ns.n; ns.bump(); [ns.n - before, all.n - before]",
      "import { late, more } from './common.cjs'\nconst one = late; more(); late - one",
    ]),
  ).toEqual(['1', '2', '3', '[ 1, 1 ]', '1'])
})

test('a function of a package that the package replaces is the new one in the next cell', async () => {
  expect(
    await notebookOf(["import { say, replace } from 'esm'\nsay()", 'replace()', 'say()']),
  ).toEqual(["'old'", '', "'new'"])
})

test.each([
  "import { n } from './counter.ts'",
  "import { n } from './common.cjs'",
  "import { n } from 'esm'",
  "import { bump as n } from 'esm'",
  "import n from './counter.ts'",
  "import * as n from './counter.ts'",
  "import * as n from 'esm'",
  "import n = require('common')",
])('%j cannot be assigned', async (from) => {
  const refused = 'TypeError: Assignment to constant variable: n'
  for (const assigns of ['n = 5', '[n] = [1]', 'for (n of [1]) ;']) {
    expect(await notebookOf([`${from}\n${assigns}`, from, assigns])).toEqual([refused, '', refused])
  }
  expect(await notebookOf([from, 'const set = () => { n = 5 }', 'set()'])).toEqual([
    '',
    '',
    refused,
  ])
})

test.each([
  ['let n = 5', '5'],
  ['const n = 5', '5'],
  ['var n = 5', '5'],
  ['function n() { return 5 }', '[Function: n]'],
  ['class n {}', '[class n]'],
  ['enum n { A }', "{ '0': 'A', A: 0 }"],
  ["import { sep as n } from 'node:path'", "'/'"],
  ["import n = require('node:path')\nn.sep", undefined],
])('%j in a later cell replaces an import', async (declares, value) => {
  for (const from of ["'./counter.ts'", "'common'", "'esm'"]) {
    const [, , now, after] = await notebookOf([
      `import { n, bump } from ${from}`,
      declares,
      'n',
      'bump(); n',
    ])
    if (value !== undefined) expect(now).toBe(value)
    expect(after).toBe(now)
  }
})

test('a circular import that is read too early has its error, and is live afterwards', async () => {
  expect(
    await notebookOf([
      "import { late } from './first.ts'\nimport { early, peek } from './second.ts'\n[late, early, peek()]",
    ]),
  ).toEqual(['[ 1, "ReferenceError: Cannot access \'late\' before initialization", 1 ]'])
})

test('imports run in their order, wherever they stand', async () => {
  notebook.write({
    'one.ts': 'console.log(1)',
    'two.ts': 'console.log(2)',
    'three.ts': 'console.log(3)',
  })
  const cell =
    "import './one.ts'\nimport './two.ts'\nfunction f() {}\nconsole.log(4)\nimport './three.ts'"
  expect(await notebookOf([cell])).toEqual(['1\n2\n3\n4\n'])
})

test('%who and inspection show imports, and run no getter that only has the name of ours', async () => {
  await notebookOf([
    "import { n, bump } from './counter.ts'\nimport { say } from 'esm'",
    "Object.defineProperty(globalThis, 'mine', { configurable: true, get: function __jupyterpost_import() { console.log('a getter ran') } })",
  ])
  expect(await notebook.shown('%who')).toBe('n  bump  say\n')
  const inspected = await notebook.client.ask('inspect_request', {
    code: 'mine',
    cursor_pos: 4,
    detail_level: 0,
  })
  expect(inspected.reply.content['found']).toBe(false)
  const completed = await notebook.client.ask('complete_request', {
    code: 'bum',
    cursor_pos: 3,
  })
  expect(completed.reply.content['matches']).toContain('bump')
})

test.each([
  [["import fs = require('node:fs')", 'typeof fs.readFileSync'], "'function'"],
  [["import common = require('./common.cjs'); typeof common.bump"], "'function'"],
  [["import common = require('common')", 'typeof common.bump'], "'function'"],
  [
    ["import type fs = require('node:fs')\nlet stats: fs.Stats | undefined; typeof stats"],
    "'undefined'",
  ],
  [["export import path = require('node:path'); path.sep"], "'/'"],
  [['namespace N { export const b = 4 }\nimport a = N.b', 'a'], '4'],
  [['export = { a: 1 }'], '{ a: 1 }'],
  [['export = { a: 1 }\ntype Later = string'], '{ a: 1 }'],
  [["export * from './counter.ts'\nexport { n as b } from './counter.ts'\n1"], '1'],
  [["const early = typeof bump\nimport { bump } from './counter.ts'\nearly"], "'function'"],
])('%j works as in a file', async (cells, value) => {
  expect((await notebookOf(cells)).at(-1)).toBe(value)
})
