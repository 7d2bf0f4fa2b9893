// `require`, `module`, `exports`, `__dirname` and `__filename` are names of a cell's script, as in
// a CommonJS file, and of nothing else.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { TestRuntime } from '../helpers/runtime.ts'

let notebook: TestRuntime
const write = (name: string, text: string) => writeFileSync(join(notebook.cwd, name), text)
beforeAll(() => {
  notebook = new TestRuntime()
  mkdirSync(join(notebook.cwd, 'sub'))
})
afterAll(() => notebook.close())

const TYPES =
  '[typeof require, typeof module, typeof exports, typeof __dirname, typeof __filename].join()'

test('a cell has them, its functions keep them, and the global object has none', async () => {
  expect(await notebook.result(TYPES)).toBe("'function,object,object,string,string'")
  expect(await notebook.result(`await 1; ${TYPES}`)).toBe("'function,object,object,string,string'")
  await notebook.run('const load = (name) => require(name)')
  expect(await notebook.result("load('node:path').sep")).toBe("'/'")
  expect(
    await notebook.result(
      "['require', 'module', 'exports', '__dirname', '__filename'].filter((name) => name in globalThis)",
    ),
  ).toBe('[]')
  expect(await notebook.result('eval("typeof require")')).toBe("'function'")
})

test('a module sees none of them, and a package that asks for them knows what it is', async () => {
  write('probe.mjs', `export const types = ${TYPES}`)
  expect(await notebook.result("import { types } from './probe.mjs'; types")).toBe(
    "'undefined,undefined,undefined,undefined,undefined'",
  )
  mkdirSync(join(notebook.cwd, 'node_modules/asks'), { recursive: true })
  write(
    'node_modules/asks/package.json',
    '{ "name": "asks", "type": "module", "exports": "./i.js" }',
  )
  write(
    'node_modules/asks/i.js',
    "export const home = typeof __dirname === 'undefined' ? 'module' : __dirname",
  )
  expect(await notebook.result("(await import('asks')).home")).toBe("'module'")
})

test('local CommonJS has its own, and so has local TypeScript, with imports or without', async () => {
  const report =
    '[__dirname, __filename, require("./name.json")].map((one) => String(one).split("/").at(-1)).join()'
  write('sub/name.json', '"found"')
  write('sub/common.cjs', `module.exports = ${report}`)
  write('sub/old.ts', `const seen: string = ${report}\nmodule.exports = { seen }`)
  write(
    'sub/mixed.ts',
    `import { sep } from 'node:path'\nexport const seen: string = ${report}\nexport const fails = () => { throw new Error(sep) }`,
  )
  expect(await notebook.result("require('./sub/common.cjs')")).toBe("'sub,common.cjs,found'")
  expect(await notebook.result("require('./sub/old.ts').seen")).toBe("'sub,old.ts,found'")
  expect(await notebook.result("import old from './sub/old.ts'; old.seen")).toBe(
    "'sub,old.ts,found'",
  )
  expect(await notebook.result("import { seen, fails } from './sub/mixed.ts'; seen")).toBe(
    "'sub,mixed.ts,found'",
  )
  const outcome = await notebook.run('fails()')
  expect(outcome).toMatchObject({
    error: { traceback: expect.arrayContaining([expect.stringContaining('mixed.ts:3:')]) },
  })
})

test.each([
  ['module.exports = { a: 1 }; module.exports.a', '1'],
  ['exports.x = 2; module.exports.x', '2'],
  ['module.exports = 5; exports.y = 3; typeof exports', "'object'"],
  ["let ran = 'no'; if (require.main === module) ran = 'yes'; ran", "'yes'"],
  ["'x' in exports", 'false'],
  ['const path = require("node:path"), { join } = path; join("a", "b")', "'a/b'"],
])('pasted CommonJS runs: %s', async (code, shown) => {
  expect(await notebook.result(code)).toBe(shown)
})

test('a cell may take one of the names for its own, also for later cells', async () => {
  await notebook.run('let module = 1')
  await notebook.run('module = 2')
  expect(await notebook.result('module += 1')).toBe('3')
  await notebook.run('const require = (name) => `mine: ${name}`')
  expect(await notebook.result("require('x')")).toBe("'mine: x'")
})

test('they are completed and inspected', async () => {
  const names = async (code: string) =>
    (await notebook.runtime.complete(code, code.length)).matches.map(({ text }) => text)
  expect(await names('requ')).toContain('require')
  expect(await names('__fi')).toContain('__filename')
  expect(await names('exports.')).toContain('hasOwnProperty')
  expect(await notebook.runtime.inspect('__dirname', 9, 0)).toMatchObject({
    'text/plain': expect.stringContaining(notebook.cwd),
  })
})
