// Imports of cells and of TypeScript files beside them: as in TypeScript, a name that is never used
// as a value may be a type.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { TestRuntime } from '../helpers/runtime.ts'

let notebook: TestRuntime

/** Packages and files of the notebook's folder. */
const FILES: Readonly<Record<string, string>> = {
  'node_modules/shapes/package.json': '{ "name": "shapes", "main": "index.js" }',
  'node_modules/shapes/index.js':
    'exports.area = (s) => s.side ** 2; exports.Square = class Square {}; Object.assign(exports, { late: 1 })',
  'node_modules/probe/package.json': '{ "name": "probe", "type": "module", "main": "index.js" }',
  'node_modules/probe/index.js':
    'export const kinds = () => [typeof Shape, typeof Response]; export const area = 1',
  'shape.ts':
    'export interface Shape { side: number }\nexport type Side = number\nexport class Square { side = 2 }\nexport enum Kind { Round = 7 }\nexport default interface Main { a: 1 }\n',
  'barrel.ts':
    "import Main, { Shape as S, Square } from './shape.ts'\nimport type { Side } from './shape.ts'\n" +
    "export { Shape, Kind, type Side as Edge } from './shape.ts'\nexport { S, Square, Main }\nexport type { Side }\n" +
    "export { area, late, Options } from 'shapes'\nexport { sep, ParsedPath } from 'node:path'\nexport * from './more.ts'\n",
  'more.ts': "export { Shape as Again } from './barrel.ts'\nexport const more = 3\n",
  'types-only.ts': "import { Shape } from './shape.ts'\nexport default Shape\n",
  'uses.ts':
    "import { Shape, Kind } from './barrel.ts'\nimport { Options } from 'shapes'\nimport { Stats, existsSync } from 'node:fs'\n" +
    'export function kind(shape: Shape, _o?: Options, _s?: Stats): number { return existsSync("/") ? Kind.Round : shape.side }\n',
  'circle-a.ts': "export { z } from 'probe2'\nexport { b } from './circle-b.ts'\n",
  'circle-b.ts': "import { z } from './circle-a.ts'\nexport const b = z + 1\n",
  'node_modules/probe2/package.json': '{ "name": "probe2", "type": "module", "main": "index.js" }',
  'node_modules/probe2/index.js': 'export let z = 1',
}

beforeAll(() => {
  notebook = new TestRuntime()
  for (const [path, text] of Object.entries(FILES)) {
    const file = join(notebook.cwd, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
})

afterAll(() => notebook.close())

async function message(source: string): Promise<string> {
  const outcome = await notebook.run(source)
  return outcome.status === 'error'
    ? `${outcome.error.ename}: ${stripVTControlCharacters(outcome.error.evalue)}`
    : 'no error'
}

test.each([
  [
    'a package',
    "import sh, { Options, area, Square as Sq } from 'shapes'",
    'area({ side: 3 })',
    '9',
  ],
  ['node:', "import { PathLike, existsSync } from 'node:fs'", "existsSync('/')", 'true'],
  ['a local file', "import { Shape, Kind } from './shape.ts'", 'Kind.Round', '7'],
])(
  'a type that is imported from %s without a word is used in a later cell, and names after it are bound',
  async (_what, declaration, use, value) => {
    expect(await notebook.run(declaration)).toMatchObject({ status: 'ok' })
    expect(
      await notebook.result('const given = (o?: Options | PathLike | Shape) => 1; given()'),
    ).toBe('1')
    expect(await notebook.result(use)).toBe(value)
  },
)

test('a name that an import did not bring says so where it is used as a value, at that line', async () => {
  await notebook.run("import { Squre, area as surface } from 'shapes'")
  const outcome = await notebook.run('const before = 1\nnew Squre()')
  expect(outcome).toMatchObject({
    error: {
      ename: 'ReferenceError',
      evalue: "'Squre' is a type, or not exported by 'shapes'. It exports Square",
    },
  })
  if (outcome.status !== 'error') throw new Error('expected an error')
  expect(outcome.error.traceback.map(stripVTControlCharacters)[1]).toBe(
    `    at In [${notebook.cellId.slice(5)}], line 2`,
  )
})

test('one that its own cell uses stops the cell before anything ran', async () => {
  expect(await message("console.log('ran')\nimport { aria } from 'shapes'\naria()")).toBe(
    "SyntaxError: 'aria' is a type, or not exported by 'shapes'. It exports area",
  )
  expect(notebook.text('stdout')).toBe('')
  expect(await message("import Main from './shape.ts'\nMain()")).toBe(
    "SyntaxError: './shape.ts' has no default export, or only a type: it exports Kind, Square",
  )
})

test('a type named like a built-in leaves it alone', async () => {
  await notebook.run("import { Response, Map, Buffer, area } from 'shapes'")
  expect(
    await notebook.result("[new Response('x').status, new Map().size, Buffer.from('a').length]"),
  ).toBe('[ 200, 0, 1 ]')
  expect(
    await notebook.result("Object.getOwnPropertyDescriptor(globalThis, 'Map')!.writable"),
  ).toBe('true')
})

test('libraries do not see a name that has no value', async () => {
  await notebook.run("import { Shape } from './shape.ts'")
  expect(await notebook.result("import { kinds } from 'probe'; kinds()")).toBe(
    "[ 'undefined', 'function' ]",
  )
})

test('such a name can be declared or imported anew', async () => {
  await notebook.run("import { Later } from 'shapes'")
  expect(await notebook.result("import { area as Later } from 'shapes'; typeof Later")).toBe(
    "'function'",
  )
  await notebook.run("import { Later } from 'shapes'")
  expect(await notebook.result('var Later; Later')).toBeUndefined()
  await notebook.run("import { Later } from 'shapes'")
  expect(await notebook.result('const Later = 4; Later')).toBe('4')
})

test('types that a local file passes on are dropped, values stay', async () => {
  expect(
    await notebook.result(
      "import { Shape as P, Kind as K, Square as Q, S, Main, area as ar, late, sep, Options as Op, ParsedPath, Again, more } from './barrel.ts'\n" +
        '[K.Round, new Q().side, ar({ side: 2 }), late, sep, more]',
    ),
  ).toBe("[ 7, 2, 4, 1, '/', 3 ]")
  expect(await notebook.result("import { kind } from './uses.ts'; kind({ side: 1 })")).toBe('7')
  expect(
    await notebook.run("import type T from './types-only.ts'; import './types-only.ts'"),
  ).toMatchObject({ status: 'ok' })
})

test('modules in a circle pass names of a package on in their order', async () => {
  expect(await notebook.result("import { b, z } from './circle-a.ts'; [b, z]")).toBe('[ 2, 1 ]')
})
