// Modules of a project: packages with `exports`, `paths`, local files.
import type { Otherwise, Scenario } from './scenario.ts'

/** TypeScript lists files with the endings that the other imports of a file have. */
const alone = (cell: string): Otherwise => ({ cell, file: cell })

export const modules: Scenario = {
  name: 'modules',
  files: {
    'package.json': JSON.stringify({
      name: 'project',
      type: 'module',
      imports: { '#inside': './src/inside.ts' },
    }),
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        strict: true,
        module: 'esnext',
        moduleResolution: 'bundler',
        target: 'esnext',
        lib: ['esnext'],
        types: ['node'],
        noEmit: true,
        allowImportingTsExtensions: true,
        paths: { '@lib/*': ['./src/lib/*'], '~one': ['./src/one.ts'] },
      },
    }),
    'src/inside.ts': 'export const inside = { isInside: true }\n',
    'src/one.ts':
      '/** The one. */\nexport const one = { first: 1 }\nexport default class One { held = 1 }\nexport type Only = { type: true }\n',
    'src/lib/thing.ts': "import { one } from '../one.ts'\nexport const thing = { one, size: 2 }\n",
    'src/lib/other.ts': 'export function other(x: number, y?: string) { return { x } }\n',
    'src/index.ts': "export * from './one.ts'\nexport * as lib from './lib/thing.ts'\n",
    'data.json': '{ "rows": [{ "a": 1 }], "title": "x" }\n',
    'node_modules/shop/package.json': JSON.stringify({
      name: 'shop',
      version: '1.0.0',
      type: 'module',
      exports: {
        '.': { types: './index.d.ts', default: './index.js' },
        './cart': { types: './cart.d.ts', default: './cart.js' },
        './features/*': { types: './features/*.d.ts', default: './features/*.js' },
        './internal/*': null,
      },
    }),
    'node_modules/shop/index.d.ts':
      '/** Opens a shop. */\nexport declare function open(name: string, options?: { hours: number }): Shop\nexport interface Shop { name: string; close(): void }\ndeclare const shop: { version: string }\nexport default shop\n',
    'node_modules/shop/index.js':
      "export function open(name) { return { name, close() {} } }\nexport default { version: '1' }\n",
    'node_modules/shop/cart.d.ts': 'export declare class Cart { items: string[]; total: number }\n',
    'node_modules/shop/cart.js': 'export class Cart { items = []; total = 0 }\n',
    'node_modules/shop/features/pay.d.ts': "export declare const pay: { by: 'card' | 'cash' }\n",
    'node_modules/shop/features/pay.js': "export const pay = { by: 'card' }\n",
    'node_modules/shop/features/ship.d.ts': 'export declare const ship: { to: string }\n',
    'node_modules/shop/features/ship.js': "export const ship = { to: '' }\n",
    'node_modules/@scope/tool/package.json': JSON.stringify({
      name: '@scope/tool',
      version: '1.0.0',
      main: 'index.js',
      types: 'index.d.ts',
    }),
    'node_modules/@scope/tool/index.d.ts':
      'declare function tool(x: number): { used: true }\ndeclare namespace tool { const version: string }\nexport = tool\n',
    'node_modules/@scope/tool/index.js':
      "module.exports = (x) => ({ used: true })\nmodule.exports.version = '1'\n",
  },
  before: [
    `import shop, { open, type Shop } from 'shop'
import { Cart } from 'shop/cart'
import tool from '@scope/tool'
import { thing } from './src/lib/thing.ts'
import One, { one, type Only } from './src/one.ts'
import * as all from './src/index.ts'
import data from './data.json' with { type: 'json' }`,
    `const opened = open('x')
const cart = new Cart()
const made = new One()`,
  ],
  complete: [
    'import x from "sho¦"',
    'import x from "shop/¦"',
    'import x from "shop/features/¦"',
    'import x from "@sco¦"',
    'import x from "@scope/¦"',
    'import x from "./sr¦"',
    'import x from "./dat¦"',
    alone('import x from "./src/¦"'),
    alone('import x from "./src/li¦"'),
    alone('import x from "@lib/¦"'),
    'import x from "#¦"',
    'import x from "~¦"',
    'import x from "node:fs/pro¦"',
    'import { ¦ } from "shop"',
    'import { ¦ } from "shop/features/pay"',
    'import { ¦ } from "@lib/other"',
    'import { ¦ } from "~one"',
    'import { ¦ } from "#inside"',
    'import { ¦ } from "./src"',
    'import type { ¦ } from "~one"',
    'export { ¦ } from "shop"',
    'const x = await import("shop/¦")',
    'const x = await import("shop/cart"); x.¦',
    'shop.¦',
    'opened.¦',
    'cart.¦',
    'cart.items.toSpl¦',
    'tool(1).¦',
    'tool.¦',
    'import tool2 = require("@scope/tool")\ntool2(1).¦',
    'thing.¦',
    'thing.one.¦',
    'one.¦',
    'made.¦',
    'const only: Only = { ¦ }',
    'const s: Shop = { ¦ }',
    'all.¦',
    'all.lib.thing.¦',
    'data.¦',
    'data.rows[0]!.¦',
    'import { inside } from "#inside"\ninside.¦',
    'import { pay } from "shop/features/pay"\npay.by = "¦"',
    'import { other } from "./src/lib/other"\nother(1).¦',
    'open("", { ¦ })',
    'let t: import("shop").¦',
    'import type One from "~one"\nlet o: One; o!.¦',
    'import { open as start } from "shop"\nstart("").¦',
    'import { default as Again } from "~one"\nnew Again().¦',
  ],
  inspect: [
    'ope¦n("")',
    'on¦e',
    'mad¦e',
    'open¦ed',
    'sho¦p',
    'new Car¦t()',
    'too¦l(1)',
    'thin¦g',
    'dat¦a',
    'let o: Onl¦y',
  ],
  signature: [
    'open(¦)',
    'open("", ¦)',
    'tool(¦)',
    'new One(¦)',
    'import { other } from "@lib/other"\nother(1, ¦)',
  ],
  diagnostics: [
    'import { nope } from "shop"',
    'import { pay } from "shop/features/pay"\npay.by = "coins"',
    'open(1)',
    'opened.close().x',
    'const only: Only = { type: false }',
    'data.rows[0]!.b',
    'const f = (implicit) => implicit',
    'import { thing as again } from "@lib/thing"\nagain.size.toFixed()',
    'import { missing } from "@lib/missing"',
  ],
}
