// Cells in a real runtime process: values, names, awaiting.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { TestRuntime } from '../helpers/runtime.ts'

let notebook: TestRuntime
beforeAll(() => {
  notebook = new TestRuntime()
})
afterAll(() => notebook.close())

test.each([
  ['1 + 1', '2'],
  ["'text'", "'text'"],
  ['null', 'null'],
  ['0n', '0n'],
  ["''", "''"],
  ['({ a: 1 })', '{ a: 1 }'],
  ['undefined', undefined],
  ['1 + 1;', '2'],
  ['1 + 1;;', undefined],
  ['const quiet = 1', undefined],
  ['Promise.resolve(7)', '7'],
  ['await Promise.resolve(8)', '8'],
  ['Promise.resolve(7);', '7'],
  ['Promise.resolve(7);;', undefined],
  ['({ then(done) { done(9) } })', '9'],
  ['new Map([[1, 2]])', 'Map(1) { 1 => 2 }'],
])('the value of %s is shown as %s', async (source, shown) => {
  expect(await notebook.result(source)).toBe(shown)
})

test('a cell that ends before it declares a name of Node leaves the old one', async () => {
  const names = ['Buffer', 'process', 'performance', 'Map']
  for (const name of names) {
    expect(await notebook.run(`throw 1; let ${name} = 2`)).toMatchObject({ status: 'error' })
    expect(await notebook.result(`typeof ${name}`)).not.toBe("'undefined'")
  }
  await notebook.run('let performance = 5')
  expect(await notebook.result('performance += 1')).toBe('6')
})

test('names of a cell are seen, redeclared and reassigned by later cells', async () => {
  await notebook.run('let a = 1; function f() { return a }; class C {}')
  expect(await notebook.result('a += 1; f()')).toBe('2')
  expect(await notebook.result('const a = 5; f()')).toBe('5')
  expect(await notebook.result('let a = 6; a = 7; f()')).toBe('7')
})

test('assigning to a const of an earlier cell throws as in a file', async () => {
  await notebook.run('const fixed = 1')
  expect(await notebook.run('fixed = 2')).toMatchObject({
    status: 'error',
    error: { ename: 'TypeError' },
  })
  expect(await notebook.result('fixed')).toBe('1')
})

test('a rejection that nobody handles shows before its cell ends', async () => {
  expect(await notebook.run("Promise.reject(new Error('floating'));;")).toEqual({ status: 'ok' })
  expect(notebook.outputs.at(-1)).toMatchObject({
    type: 'error',
    cellId: notebook.cellId,
    content: { evalue: 'floating' },
  })
})

test('what one cell started and the next one handles warns of nothing', async () => {
  const warned = 'new Promise((resolve) => process.once("warning", resolve))'
  await notebook.run(
    `const warning = ${warned}; const started = Promise.reject(new Error('late'));`,
  )
  await notebook.run("await started.catch(() => 'handled')")
  // Warnings come in order, so one about rejections would have come first.
  await notebook.run("process.emitWarning('the only one')")
  expect(await notebook.result('(await warning).message')).toBe("'the only one'")
})

test('NaN as a result does not keep _ from the next one', async () => {
  await notebook.run('NaN')
  await notebook.run('5')
  expect(await notebook.result('_')).toBe('5')
})

test('a const refuses assignment in its own cell too, and the cell runs again', async () => {
  expect(await notebook.run('const own = 1; own = 2')).toMatchObject({
    status: 'error',
    error: { ename: 'TypeError' },
  })
  expect(await notebook.result('const own = 3; own')).toBe('3')
})

test('a const is one also when the next name of its declaration failed', async () => {
  await notebook.run('const half = 1, other = boom()')
  expect(await notebook.run('half = 2')).toMatchObject({ error: { ename: 'TypeError' } })
  expect(await notebook.result('half')).toBe('1')
})

test('an iterator is shown by its name, not as an object of nothing', async () => {
  await notebook.run('({ g: (function* () {})() })')
  const shown = notebook.outputs.findLast((output) => output.type === 'execute_result')
  expect(shown?.content.data).toEqual({ 'text/plain': '{ g: Object [Generator] {} }' })
})

const failure = (evalue: string) => ({
  status: 'error',
  error: { ename: 'ReferenceError', evalue },
})

test.each(['let early = 1', 'const early = 1', 'class early {}', 'const [early] = [1]'])(
  'a cell cannot read a name before its %j ran, as in a file',
  async (declaration) => {
    const outcome = await notebook.run(`const read = () => early\nread(); ${declaration}`)
    expect(outcome).toMatchObject(failure("Cannot access 'early' before initialization"))
    expect(outcome).toMatchObject({
      error: { traceback: expect.arrayContaining([expect.stringContaining('line 1')]) },
    })
    expect(await notebook.run(`early; ${declaration}`)).toMatchObject({ status: 'error' })
    expect(await notebook.run(`await 1; typeof early; ${declaration}`)).toMatchObject({
      status: 'error',
    })
    expect(
      await notebook.result(`const later = () => early; ${declaration}; typeof later()`),
    ).not.toBe("'undefined'")
  },
)

test.each(['let soon = 1', 'let soon', 'const soon = 1', 'class soon {}', 'let { soon } = {}'])(
  'a cell cannot assign a name before its %j ran, as in a file',
  async (declaration) => {
    const early = failure("Cannot access 'soon' before initialization")
    expect(await notebook.run(`soon = 5; ${declaration}`)).toMatchObject(early)
    const called = `assign(); ${declaration}; function assign() { [soon] = [5] }`
    expect(await notebook.run(called)).toMatchObject(early)
    expect(await notebook.run('soon')).toMatchObject(failure('soon is not defined'))
  },
)

test('a library does not see the names of the cell that calls it before they are declared', async () => {
  const probe = 'export const probe = () => typeof window; export const first = probe()'
  const put = 'export const put = (value) => { globalThis.document = value }'
  writeFileSync(join(notebook.cwd, 'probe.mjs'), `${probe}\n${put}`)
  const code = `
    import { first, probe, put } from './probe.mjs'
    const before = probe()
    put('of the library')
    const window = [1].map(probe)[0]
    let document = 'mine'
    const seen = [first, before, window, document]
    seen
  `
  expect(await notebook.result(code)).toBe("[ 'undefined', 'undefined', 'undefined', 'mine' ]")
  expect(await notebook.result('const window = probe(); window')).toBe("'string'")
  await notebook.run("put('of the library'); let document = boom()")
  expect(await notebook.result('document')).toBe("'of the library'")
})

test('a cell sees that it is too early also without stack traces', async () => {
  await notebook.run('Error.stackTraceLimit = 0')
  expect(await notebook.run('fresh; let fresh')).toMatchObject(
    failure("Cannot access 'fresh' before initialization"),
  )
  await notebook.run('Error.stackTraceLimit = 10')
})

test('a cell may ask the global object what a name of its own was before', async () => {
  const code =
    'const kept = globalThis.kept ?? new Date(0); kept.setTime(kept.getTime() + 1); kept.getTime()'
  expect(await notebook.result(code)).toBe('1')
  expect(await notebook.result(code)).toBe('2')
})

test('a cell may copy the global object, which holds none of its names in a file', async () => {
  expect(await notebook.result("let copied = { ...globalThis }; 'copied' in copied")).toBe('false')
})

test('a timer of an earlier cell may ask for a name that the running cell is about to declare', async () => {
  await notebook.run(`
    const asked = Promise.withResolvers()
    setTimeout(() => asked.resolve(typeof coming), 5)
  `)
  expect(
    await notebook.result('const answer2 = await asked.promise; let coming = 1; answer2'),
  ).toBe("'undefined'")
})

test('functions and var are there before their line', async () => {
  expect(
    await notebook.result(
      'const first = [hoisted(), soon]; var soon = 1; function hoisted() { return 2 }; first',
    ),
  ).toBe('[ 2, undefined ]')
})

test('a name whose declaration failed is not defined, and can be declared', async () => {
  for (const declaration of [
    'let lost = boom()',
    'const { lost } = boom()',
    'class lost extends boom() {}',
  ]) {
    expect(await notebook.run(declaration)).toMatchObject(failure('boom is not defined'))
    expect(await notebook.run('lost')).toMatchObject(failure('lost is not defined'))
    expect(await notebook.result('typeof lost')).toBe("'undefined'")
  }
  expect(await notebook.run(`import { lost } from './nowhere.ts'`)).toMatchObject({
    status: 'error',
  })
  expect(await notebook.run('lost')).toMatchObject(failure('lost is not defined'))
  expect(await notebook.result('const lost = 3; lost')).toBe('3')
})

test('a name of an earlier cell keeps its value when a new declaration fails, constant or not', async () => {
  await notebook.run('let kept = 1; const fixed2 = 2')
  expect(await notebook.run('let kept = boom()')).toMatchObject(failure('boom is not defined'))
  expect(await notebook.run('let fixed2 = boom()')).toMatchObject(failure('boom is not defined'))
  expect(await notebook.result('kept += 1')).toBe('2')
  expect(await notebook.run('fixed2 = 3')).toMatchObject({ error: { ename: 'TypeError' } })
})

test('a timer of an earlier cell uses the old value until the new declaration ran', async () => {
  await notebook.run(`
    let turns = 1
    const seen = []
    const turned = Promise.withResolvers()
    const timer = setInterval(() => {
      turns += 1
      seen.push(turns)
      if (seen.length === 2) turned.resolve()
    }, 1)
  `)
  const code = `
    await turned.promise
    clearInterval(timer)
    let turns = 100
    seen.slice(0, 2).concat(turns)
  `
  expect(await notebook.result(code)).toBe('[ 2, 3, 100 ]')
})

test('libraries use what a cell declares anew until its declaration ran', async () => {
  for (let round = 0; round < 2; round++) {
    expect(await notebook.result(`const URL = require('node:url').URL; new URL('a:b').href`)).toBe(
      "'a:b'",
    )
    expect(await notebook.run(`let WeakMap = globalThis.WeakMap`)).toEqual({ status: 'ok' })
  }
})

test('a global that the user fixed cannot be declared, and the error says why', async () => {
  await notebook.run("Object.defineProperty(globalThis, 'frozenG', { value: 1 })")
  expect(await notebook.run('let other3 = 1; let frozenG = 2')).toMatchObject({
    error: {
      ename: 'TypeError',
      evalue: expect.stringMatching(/"frozenG" is a fixed property.*"configurable: true"/),
    },
  })
  expect(await notebook.run('other3')).toMatchObject(failure('other3 is not defined'))
  expect(await notebook.run('let undefined = 2')).toMatchObject({
    error: { evalue: expect.stringContaining('a name of the language') },
  })
})

test('a cell that fails midway keeps the names assigned so far', async () => {
  await notebook.run("let before = 1; throw new Error('stop'); let after = 2")
  expect(await notebook.result('before')).toBe('1')
})

test('the last values are kept as _ and Out[n], and a user may take the name _', async () => {
  await notebook.run('41 + 1')
  expect(await notebook.result('_')).toBe('42')
  const count = Number(notebook.cellId.slice(5))
  expect(await notebook.result(`Out[${count}]`)).toBe('42')
  await notebook.run("const _ = 'mine'")
  expect(await notebook.result('1; _')).toBe("'mine'")
})
