// Errors as a person reads them, late ones included.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect, stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { TestRuntime } from '../helpers/runtime.ts'

let notebook: TestRuntime
beforeAll(() => {
  notebook = new TestRuntime()
})
afterAll(() => notebook.close())

async function traceback(source: string): Promise<string[]> {
  const outcome = await notebook.run(source)
  if (outcome.status === 'ok') throw new Error(`no error: ${source}`)
  return stripVTControlCharacters(outcome.error.traceback.join('\n')).split('\n')
}

test('an error names its cell, its line and shows the code with a caret', async () => {
  await notebook.run(
    'interface Shape { sides: number }\nfunction boom(x: number): never {\n  throw new TypeError(`no ${x}`)\n}',
  )
  const first = notebook.cellId.slice(5)
  const lines = await traceback('const y: number = 1\nboom(y)')
  const second = notebook.cellId.slice(5)
  expect(lines).toEqual([
    'TypeError',
    `    at In [${first}], line 3, in boom`,
    '      1 | interface Shape { sides: number }',
    '      2 | function boom(x: number): never {',
    '    > 3 |   throw new TypeError(`no ${x}`)',
    '        |         ^',
    '      4 | }',
    `    at In [${second}], line 2`,
    'TypeError: no 1',
  ])
})

test('a regular expression that only V8 refuses is shown in its place, whatever it was compiled to', async () => {
  for (const source of [
    'let x: number = 1\nenum E { A = /(/ }',
    'await 1\nconst y: RegExp = /(/',
  ]) {
    const lines = await traceback(source)
    const caret = source.split('\n')[1]?.indexOf('/(/') ?? 0
    const words = 'SyntaxError: Invalid regular expression: /(/: Unterminated group'
    expect(lines).toEqual([
      'SyntaxError',
      `    at In [${notebook.cellId.slice(5)}], line 2`,
      expect.stringMatching(/^ {6}1 \| /),
      expect.stringMatching(/^ {4}> 2 \| /),
      `        | ${' '.repeat(caret)}^`,
      words,
    ])
  }
})

test('causes and the members of an AggregateError are shown', async () => {
  const lines = await traceback(
    "throw new AggregateError([new Error('one'), new RangeError('two')], 'all', { cause: new Error('root') })",
  )
  expect(lines.filter((line) => /^\S/.test(line))).toEqual([
    'AggregateError',
    'Error 1 of 2:',
    'Error: one',
    'Error 2 of 2:',
    'RangeError: two',
    'Caused by:',
    'Error: root',
    'AggregateError: all',
  ])
})

test.each([
  ["throw 'text'", 'string', "'text'"],
  ['throw { code: 5 }', 'Object', '{ code: 5 }'],
  ['throw null', 'null', 'null'],
  ['throw undefined', 'undefined', 'undefined'],
  // Node 26 says that it is a Proxy.
  ['throw new Proxy({}, { get() { throw 1 } })', 'Proxy', inspect(new Proxy({}, {}))],
  ["throw Object.defineProperty(new Error('x'), 'message', { get() { throw 1 } })", 'Error', ''],
])('%s is shown as %s: %s', async (source, ename, evalue) => {
  expect(await notebook.run(source)).toMatchObject({ status: 'error', error: { ename, evalue } })
})

test('an error of an imported TypeScript file names the line of the file', async () => {
  writeFileSync(
    join(notebook.cwd, 'lib.ts'),
    'enum E { A }\n\nexport function fail() {\n  throw new Error(`E ${E.A}`)\n}\n',
  )
  const lines = await traceback("import { fail } from './lib.ts'\nfail()")
  expect(lines[1]).toMatch(/at fail .*lib\.ts:4:9$/)
})

test('decorators and accessors of an imported file work, and its errors name its lines', async () => {
  writeFileSync(
    join(notebook.cwd, 'decorated.ts'),
    'function twice(method: () => number, _context: unknown) {\n  return function (this: object) { return 2 * method.call(this) }\n}\n\n' +
      "export class A {\n  accessor x = 1\n  @twice two(): number { return 1 }\n  boom(): never { throw new Error('decorated') }\n}\n",
  )
  expect(
    await notebook.result("import { A } from './decorated.ts'; [new A().x, new A().two()]"),
  ).toBe('[ 1, 2 ]')
  const [, frame] = await traceback('new A().boom()')
  expect(frame).toMatch(/at A\.boom .*decorated\.ts:8:/)
})

test.each([
  ['bad.js', "import './bad.js'"],
  ['bad.mjs', "await import('./bad.mjs')"],
  ['bad.cjs', "require('./bad.cjs')"],
  ['bad.ts', "import './bad.ts'"],
  ['bad.cts', "require('./bad.cts')"],
])(
  'a syntax error of %s names its file and line, and the line of the cell',
  async (name, source) => {
    writeFileSync(join(notebook.cwd, name), 'const a = 1\nconst b = = 2\n')
    const lines = await traceback(`\n${source}`)
    expect(lines.slice(0, 4)).toEqual([
      'SyntaxError',
      `    at ${join(notebook.cwd, name)}:2`,
      '      const b = = 2',
      '                ^',
    ])
    const number = notebook.cellId.slice(5)
    expect(lines).toContain(`    at In [${number}], line 2`)
  },
)

test('an import that fails names the line of the cell', async () => {
  const lines = await traceback("const before = 1\nimport 'no-such-package'")
  expect(lines.at(-1)).toContain("Cannot find package 'no-such-package'")
  expect(lines).toContain(`    at In [${notebook.cellId.slice(5)}], line 2`)
  expect(lines).toContain("    > 2 | import 'no-such-package'")
})

test('a stack that a cell prints names lines as typed, without frames of the kernel', async () => {
  await notebook.run(`interface Erased { a: number }
function make(n: number) {

  return new RangeError('made')
}
console.log(make(1).stack)
console.error(make(1))`)
  const number = notebook.cellId.slice(5)
  const expected = (line: number) =>
    `RangeError: made\n    at make (In [${number}]:4:10)\n    at In [${number}]:${line}:${line === 6 ? 13 : 15}\n`
  expect(notebook.text('stdout')).toBe(expected(6))
  expect(notebook.text('stderr')).toBe(expected(7))
})

test('a stack printed after an await, and of an error of Node, is as typed too', async () => {
  const stack = await notebook.result(
    "await null; const later = async () => { await null; throw new Error('x') };\nconst failed = await later().catch((e: Error) => e);\n(failed as Error).stack!.split('\\n').at(-1)",
  )
  expect(stack).toBe(`'    at async In [${notebook.cellId.slice(5)}]:2:16'`)
  const head = await notebook.result(
    "try { Buffer.alloc('x' as any) } catch (e) { (e as Error).stack!.split('\\n')[0] }; try { Buffer.alloc('x' as any) } catch (e) { globalThis.head = (e as Error).stack!.split('\\n')[0] }; head",
  )
  expect(head).toContain('TypeError [ERR_INVALID_ARG_TYPE]: ')
})

test('stacks that programs take apart are theirs', async () => {
  expect(
    await notebook.result(`
      const kept = Error.prepareStackTrace
      Error.prepareStackTrace = (_error, frames) => frames.length > 0
      const taken = new Error('x').stack
      Error.prepareStackTrace = kept
      taken`),
  ).toBe('true')
  const lines = await traceback("const e = new Error('x'); e.stack = 'mine'; throw e")
  expect(lines).toEqual(['Error: x'])
})

test.each(['trail \n\n', 'two\nlines  ', ' \t'])(
  'a message that ends in white space, %j, stands once, without it',
  async (message) => {
    const lines = await traceback(`throw new Error(${JSON.stringify(message)})`)
    expect(lines.join('\n')).toBe(
      ['Error', ...lines.slice(1, 4), `Error: ${message.trimEnd()}`].join('\n'),
    )
    expect(lines[1]).toContain('    at In [')
  },
)

test.each([
  "await post('bad', 'lab', 42)",
  "await post('bad', 'lab', 'no drawing')",
  "await post('bad', 'lab', new URL('file:///no/such.png'))",
  "await post('bad', 'lab', { toSVG: () => 'none' })",
  "await post('bad', '')",
  "await post.progress('lab', 'x', { total: -1 })",
  "await post.ask('@me', 5)",
])('%s shows the line of the cell', async (source) => {
  const lines = await traceback(`const before = 1\n${source}`)
  expect(lines).toContain(`    at In [${notebook.cellId.slice(5)}], line 2`)
})

test('a recursion and a long message are cut', async () => {
  const lines = await traceback('const rec = (n: number): number => 1 + rec(n + 1)\nrec(0)')
  expect(lines).toContain('    ... 29 more frames')
  expect(lines.length).toBeLessThan(12)
  const outcome = await notebook.run("throw new Error('m'.repeat(100_000))")
  if (outcome.status === 'ok') throw new Error('no error')
  expect(outcome.error.evalue.length).toBe(20_000)
  expect(outcome.error.traceback.join('').length).toBeLessThan(10_000)
})

test('an error whose parts throw is shown all the same', async () => {
  const lines = await traceback(
    "throw Object.assign(new Error('x', { cause: new Proxy({}, { get() { throw 1 } }) }), { get name() { throw 1 } })",
  )
  expect(lines.join('\n')).toContain('1')
  const odd = await traceback(
    "const odd = new Error('x'); Object.defineProperty(odd, 'name', { get() { throw 1 } }); throw odd",
  )
  expect(odd.at(-1)).toBe('Error: x')
})

test.each([
  ["setTimeout(() => { throw new Error('late') }, 5); 0", 'late'],
  ["Promise.reject(new Error('nobody')); 0", 'nobody'],
  ["require('node:fs').readFile('/', () => { throw new Error('callback') }); 0", 'callback'],
])('%s shows in its cell and kills nothing', async (source, message) => {
  await notebook.run(source)
  const { cellId } = notebook
  const isShown = () =>
    notebook.outputs.some(
      (output) =>
        output.type === 'error' && output.cellId === cellId && output.content.evalue === message,
    )
  await notebook.run('1')
  await notebook.until(isShown)
  expect(await notebook.result('2')).toBe('2')
})

test.each([
  'fixed = 2',
  'fixed += 1',
  'fixed++',
  '--fixed',
  '({ fixed } = { fixed: 2 })',
  'for (fixed of [2]) ;',
  'const typed: number = 1\nfunction assign(): void {\n  fixed = typed\n}\nassign()',
  'await 1\nfixed = 2',
  'const own = 1\nown = 2',
])('%j assigns a constant, and is told so by its name', async (source) => {
  await notebook.run('const fixed = 1')
  const name = source.includes('own') ? 'own' : 'fixed'
  const evalue = `Assignment to constant variable: ${name}`
  expect(await notebook.run(source)).toMatchObject({ error: { ename: 'TypeError', evalue } })
  expect((await traceback(source)).join('\n')).not.toContain('read only')
})

test.each([
  'const o = Object.freeze({ fixed: 1 })\no.fixed = 2',
  'const o = Object.freeze({ fixed: 1 })\no\n  .fixed = 2',
  "const o = Object.freeze({ fixed: 1 })\no['fixed'] = 2",
  'globalThis.fixed = 2',
  'const o = Object.freeze({ other: 1 })\no.other = 2',
])('%j assigns a property, and keeps the words of V8', async (source) => {
  await notebook.run('const fixed = 1')
  const outcome = await notebook.run(source)
  expect(outcome).toMatchObject({
    error: { evalue: expect.stringContaining('Cannot assign to read only property') },
  })
})
