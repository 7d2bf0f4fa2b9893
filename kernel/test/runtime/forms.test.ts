// Every form of import and export that TypeScript has means in a cell what it means in a file.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { NotebookFolder } from '../helpers/folder.ts'
import { closeAll } from '../helpers/started.ts'

let notebook: NotebookFolder

beforeAll(async () => {
  notebook = await NotebookFolder.open({
    'data.json': '{ "a": 1 }',
    't.ts':
      'export interface T { a: number }\nexport type U = string\nexport const v: number = 1, w = 2\nexport default 3\n',
    'old.cts': 'class Old { n = 1 }\nexport = Old\n',
    'node_modules/common/package.json': '{ "name": "common", "main": "main.js" }',
    'node_modules/common/main.js':
      'module.exports = function common() { return 1 }; module.exports.two = 2',
  })
})

afterAll(closeAll)

test.each<[string, string[], string]>([
  [
    'import x = require of a built-in',
    ["import fs = require('node:fs'); typeof fs.readFileSync"],
    "'function'",
  ],
  [
    'import x = require of CommonJS',
    ["import common = require('common')", '[common(), common.two].join()'],
    "'1,2'",
  ],
  ['import x = require of a local file', ["import Old = require('./old.cts'); new Old().n"], '1'],
  [
    'import x = require of what has types only',
    ["import t = require('./t'); const a: t.T = { a: 1 }; a.a + t.v"],
    '2',
  ],
  ['export import x = require', ["export import path = require('path')", 'path.sep'], "'/'"],
  [
    'import type x = require',
    ["import type fs = require('node:fs'); let s: fs.Stats | undefined; typeof s"],
    "'undefined'",
  ],
  [
    'import a = N.b',
    [
      'namespace N { export const b = 4; export namespace M { export const c = 5 } }\nimport a = N.b; import c = N.M.c',
      'a + c',
    ],
    '9',
  ],
  [
    'import a = N.b of an earlier cell',
    ['namespace N1 { export const b = 6 }', 'import a1 = N1.b; a1'],
    '6',
  ],
  [
    'export import a = N.b',
    ['namespace N2 { export const b = 7 }\nexport import a2 = N2.b', 'a2'],
    '7',
  ],

  [
    'import a = N.T, a type',
    [
      'namespace N3 { export interface T { x: number } }\nimport T3 = N3.T; const t3: T3 = { x: 8 }; t3.x',
    ],
    '8',
  ],
  [
    'import a = a type of Node',
    ['import Timer = NodeJS.Timeout; let timer: Timer | undefined; typeof timer'],
    "'undefined'",
  ],
  ['export * from', ["export * from './t'; 1"], '1'],
  ['export * as ns from', ["export * as ns from './t'; 1"], '1'],
  ['export { a as b } from', ["export { v as vv } from './t'; 1"], '1'],
  ['export { default } from', ["export { default } from './t'; 1"], '1'],
  ['export type from', ["export type { T } from './t'; export type * from './t'; 1"], '1'],
  ['import with', ["import data from './data.json' with { type: 'json' }; data.a"], '1'],
  ['import of a type', ["import { T } from './t'; const a: T = { a: 5 }; a.a"], '5'],
  [
    'import of a type and a value',
    ["import { type T, v } from './t'; const a: T = { a: v }; a.a"],
    '1',
  ],
  ['import default and names', ["import d, { v as one, w } from './t'; d + one + w"], '6'],
  [
    'import.meta.url',
    ['import.meta.url.startsWith("file:///") && import.meta.url.includes("notebook")'],
    'true',
  ],
  ['import.meta.dirname', ['import.meta.dirname === process.cwd()'], 'true'],
  ['import.meta.filename', ['typeof import.meta.filename'], "'string'"],
  ['import.meta.resolve', ["import.meta.resolve('./t.ts').endsWith('/t.ts')"], 'true'],
  [
    'import.meta.resolve of a package',
    ["import.meta.resolve('common').endsWith('/common/main.js')"],
    'true',
  ],
  ['import.meta.main', ['typeof import.meta.main'], "'boolean'"],
  ['require.resolve', ["require.resolve('common').endsWith('/common/main.js')"], 'true'],
  ['require.resolve of a local file', ["require.resolve('./t').endsWith('/t.ts')"], 'true'],
  [
    'using',
    [
      "const ended: string[] = []; using u = { n: 1, [Symbol.dispose]() { ended.push('u') } }; u.n",
      'ended.join()',
    ],
    "'u'",
  ],
  [
    'await using',
    [
      "await using au = { async [Symbol.asyncDispose]() { ended.push('au') } }; ended.length",
      'ended.join()',
    ],
    "'u,au'",
  ],
  ['const enum', ['const enum E { A = 1, B }\nE.B', 'E.A + E["B"]'], '3'],
  ['an enum merged in a cell', ['enum F { A }\nenum F { B = 1 }\nF.A + F.B'], '1'],
  [
    'a namespace merged with a function',
    ['function g() { return g.one }\nnamespace g { export const one = 1 }\ng()', 'g()'],
    '1',
  ],
  [
    'a namespace merged with a class',
    ['class H { static x = 1 }\nnamespace H { export const two = 2 }\nH.two + H.x'],
    '3',
  ],
  [
    'a namespace merged with an enum',
    ['enum I { A = 1 }\nnamespace I { export const of = () => I.A }\nI.of()'],
    '1',
  ],
  [
    'a namespace merged in one cell',
    ['namespace J { export const a = 1 }\nnamespace J { export const b = a + 1 }\nJ.b'],
    '2',
  ],
  [
    'accessor',
    ['class K { accessor n = 1; static accessor m = 2 }\nconst k = new K(); k.n = 5; k.n + K.m'],
    '7',
  ],
  [
    'imports below code',
    ["const early = typeof join\nimport { join } from 'node:path'\nearly"],
    "'function'",
  ],
  [
    'declare and abstract',
    [
      'declare const nowhere: number\nabstract class L { abstract x(): number; y = 1 }\nnew (class extends L { x() { return 2 } })().y',
    ],
    '1',
  ],
  ['import defer', ["import source from 'common'; source()"], '1'],
  [
    'overloads',
    [
      'function m(a: string): string\nfunction m(a: number): number\nfunction m(a: unknown) { return a }\nm(1)',
    ],
    '1',
  ],
  ['satisfies, as const', ['const p = { a: [1, 2] } as const satisfies object; p.a.length'], '2'],
  ['export =', ['class Q { n = 1 }\nexport = Q', 'new Q().n'], '1'],
  ['export as namespace', ['export as namespace Whole\n1'], '1'],
  ['export default of an expression', ['export default 1 + 1'], '2'],
])('%s', async (_what, cells, value) => {
  let shown = ''
  for (const cell of cells) shown = await notebook.shown(cell)
  expect(shown).toBe(value)
})

test('import x = require beside a decorator', async () => {
  const code = `import common = require('common')
    const seen = (_: unknown, { name }: ClassMethodDecoratorContext) => { names.push(String(name)) }
    const names: string[] = []
    class Seen { @seen here() {} }
    names.join() + common.two`
  expect(await notebook.shown(code)).toBe("'here2'")
})
