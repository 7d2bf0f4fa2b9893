// Files beside the notebook are imported as a TypeScript project resolves them, from cells and
// from each other.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { NotebookFolder } from '../helpers/folder.ts'
import { closeAll } from '../helpers/started.ts'

let notebook: NotebookFolder

/** `(func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)` */
const WASM = Buffer.from(
  '0061736d0100000001070160027f7f017f030201000707010361646400000a09010700200020016a0b',
  'hex',
)

const FILES: Readonly<Record<string, string | Buffer>> = {
  'unit.ts': 'export enum Unit { Metre = 3 }\nexport const name: string = "unit.ts"\n',
  'view.tsx': 'export const wide = <T,>(value: T): T => value\nexport const name = "view.tsx"\n',
  'module.mts': 'export const name: string = "module.mts"\n',
  'common.cts':
    'import path = require("node:path")\nenum Kind { A = 4 }\nconst all: { kind: Kind; sep: string } = { kind: Kind.A, sep: path.sep }\nexport = all\n',
  'named.cts':
    'import { sep } from "node:path"\nexport const separator: string = sep\nexport default 5\n',
  'folder/index.ts': 'export const name: string = "folder/index.ts"\n',
  'both.ts': 'export const name: string = "both.ts"\n',
  'both/index.ts': 'export const name: string = "both/index.ts"\n',
  'uses.ts': `
    import { Unit } from './unit'
    import { name as js } from './unit.js'
    import { name as mjs } from './module.mjs'
    import { name as tsx } from './view'
    import { name as index } from './folder'
    import { name as slash } from './folder/'
    import common from './common.cjs'
    import data from './data.json'
    import same from './same.json' with { type: 'json' }
    import { items } from './data.json'
    export const all = [Unit.Metre, js, mjs, tsx, index, slash, common.kind, data.items, same.items, items].flat()
  `,
  'same.json': '{ "items": [1, 2] }',
  'data.json': '{ "items": [1, 2], "not a name": 3, "default": 4 }',
  'add.wasm': WASM,
  'computes.ts': "import { add } from './add.wasm'\nexport const sum = add(1, 2)\n",
  'equals.ts':
    "import path = require('node:path')\nimport common = require('./common.cts')\nexport const found = [path.sep, common.kind, typeof require('./uses').all]\n",
  'meta.ts': `
    export const meta = [import.meta.url, import.meta.dirname, import.meta.filename, import.meta.resolve('./unit')]
    export const own = [__dirname, __filename]
  `,
  'waits.ts': `
    using first = { [Symbol.dispose]() { log.push('disposed') } }
    const log: string[] = []
    await using second = { async [Symbol.asyncDispose]() { log.push('disposed later') } }
    log.push(await Promise.resolve('waited'))
    export { log }
  `,
  'forms.ts': `
    export namespace Shapes { export const sides = 4 }
    export namespace Shapes { export const twice = sides * 2 }
    export class Point { constructor(public readonly x = 1, private y = 2) {} sum() { return this.x + this.y } }
    export const enum Small { One = 1 }
    export abstract class Base { accessor value = 6 }
    export class Derived extends Base { override value = 7 }
    export const all = [Shapes.twice, new Point().sum(), Small.One, new Derived().value] satisfies number[]
  `,
  'circle-one.ts':
    "import { two } from './circle-two'\nexport const one = () => 1\nexport const sum = () => one() + two()\n",
  'circle-two.ts': "import { one } from './circle-one'\nexport const two = () => one() + 1\n",
  'package.json': JSON.stringify({
    name: 'notebooks',
    imports: { '#unit': './unit.ts', '#lib/*': './src/*.js', '#pick': { default: './module.mts' } },
  }),
  'src/deep.ts': 'export const name: string = "src/deep.ts"\n',
  'node_modules/only-esm/package.json':
    '{ "name": "only-esm", "type": "module", "exports": { ".": { "import": "./main.js" }, "./sub": "./sub.js" } }',
  'node_modules/only-esm/main.js': 'export default "esm"; export const named = 1',
  'node_modules/only-esm/sub.js': 'export const sub = "sub"',
  'node_modules/old/package.json': '{ "name": "old", "main": "./main.js" }',
  'node_modules/old/main.js':
    'module.exports = function old() { return "cjs" }; module.exports.named = 1',
  'packages.ts':
    "import esm, { named } from 'only-esm'\nimport { sub } from 'only-esm/sub'\nimport old from 'old'\nexport const all = [esm, named, sub, old()]\n",
}

beforeAll(async () => {
  notebook = await NotebookFolder.open(FILES)
})

afterAll(closeAll)

test.each([
  ['.ts', "import { Unit } from './unit.ts'; Unit.Metre", '3'],
  ['.js for a .ts', "import { name } from './unit.js'; name", "'unit.ts'"],
  ['.jsx for a .tsx', "import { name } from './view.jsx'; name", "'view.tsx'"],
  ['.mjs for an .mts', "import { name } from './module.mjs'; name", "'module.mts'"],
  ['.cjs for a .cts', "import common from './common.cjs'; common.kind", '4'],
  ['no extension', "import { name } from './unit'; name", "'unit.ts'"],
  ['no extension, .tsx', "import { name, wide } from './view'; wide(name)", "'view.tsx'"],
  ['a folder with index.ts', "import { name } from './folder'; name", "'folder/index.ts'"],
  ['a folder with a slash', "import { name } from './both/'; name", "'both/index.ts'"],
  ['a file before a folder', "import { name } from './both'; name", "'both.ts'"],
  ['the folder itself from a subfolder', "(await import('./src/../unit')).name", "'unit.ts'"],
  ['export =', "import common from './common.cts'; common.kind", '4'],
  ['named exports of a .cts', "import { separator } from './named.cts'; separator", "'/'"],
  ['require of a .ts', "require('./unit').name", "'unit.ts'"],
  ['require of a .cts', "require('./common.cjs').kind", '4'],
  ['require of a folder', "require('./folder').name", "'folder/index.ts'"],
  ['require.resolve', "require.resolve('./unit').endsWith('/unit.ts')", 'true'],
  ['JSON', "import data from './data.json'; data.items", '[ 1, 2 ]'],
  [
    'JSON with its attribute',
    "import data from './data.json' with { type: 'json' }; data.items",
    '[ 1, 2 ]',
  ],
  ['a name of JSON', "import { items } from './data.json'; items", '[ 1, 2 ]'],
  ['JSON by import()', "(await import('./data.json')).default.items", '[ 1, 2 ]'],
  ['JSON by require', "require('./data.json').items", '[ 1, 2 ]'],
  ['JSON of a package', "import json from 'only-esm-json'; json", '1'],
  ['WebAssembly', "import { add } from './add.wasm'; add(2, 3)", '5'],
  ['WebAssembly in a local file', "import { sum } from './computes'; sum", '3'],
  [
    'local files from each other',
    "import { all } from './uses'; all.join()",
    "'3,unit.ts,module.mts,view.tsx,folder/index.ts,folder/index.ts,4,1,2,1,2,1,2'",
  ],
  [
    'import = and require in a local file',
    "import { found } from './equals'; found.join()",
    "'/,4,object'",
  ],
  [
    'packages, ESM only and CommonJS',
    "import { all } from './packages'; all.join()",
    "'esm,1,sub,cjs'",
  ],
  [
    'top-level await and using',
    "import { log } from './waits'; log.join()",
    "'waited,disposed later,disposed'",
  ],
  [
    'enums, namespaces, parameter properties',
    "import { all } from './forms'; all.join()",
    "'8,3,1,7'",
  ],
  ['a circle', "import { sum } from './circle-one'; sum()", '3'],
  ['# of the package', "import { name } from '#unit'; name", "'unit.ts'"],
  ['# with a pattern and .js', "import { name } from '#lib/deep'; name", "'src/deep.ts'"],
  ['# with conditions', "import { name } from '#pick'; name", "'module.mts'"],
])('an import resolves: %s', async (_what, code, value) => {
  notebook.write({
    'node_modules/only-esm-json/package.json':
      '{ "name": "only-esm-json", "type": "module", "exports": "./one.json" }',
    'node_modules/only-esm-json/one.json': '1',
  })
  expect(await notebook.shown(code)).toBe(value)
})

test('import.meta of a local file is that of the file', async () => {
  const { path } = notebook
  expect(
    JSON.parse(
      await notebook.shown(
        "import { meta, own } from './meta'; console.log(JSON.stringify([meta, own]))",
      ),
    ),
  ).toEqual([
    [`file://${path}/meta.ts`, path, `${path}/meta.ts`, `file://${path}/unit.ts`],
    [path, `${path}/meta.ts`],
  ])
})
