// Completion and inspection by looking at values: no user code runs, and a busy runtime does not
// block the answer.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { computing } from '../../../test/helpers/computing.ts'
import { createReflection } from '../../src/language/reflection.ts'
import { TestRuntime } from '../helpers/runtime.ts'

let notebook: TestRuntime
beforeAll(async () => {
  notebook = new TestRuntime()
  await notebook.run(`
    let ran = 0
    const thing = { alpha: 1, also: 'x', beta() {}, get bad() { ran++; return { deep: 1 } }, nested: { inner: { leaf: 1 } } }
    const trap = new Proxy({}, { ownKeys() { ran++; return ['a'] }, getOwnPropertyDescriptor() { ran++ }, get() { ran++ }, getPrototypeOf() { ran++; return null } })
    function twice(x: number) { return x * 2 }
    class Point { distance() {} }
    const point = new Point()`)
})
afterAll(() => notebook.close())

const names = async (code: string, cursor = code.length) =>
  (await notebook.runtime.complete(code, cursor)).matches.map(({ text }) => text)

test.each([
  ['thing.al', ['alpha', 'also']],
  ['const y = thing?.nested.inner.le', ['leaf']],
  ['thing.bad.', []],
  ['trap.', []],
  ['f(thing).', []],
  ['point.dis', ['distance']],
  ['twi', ['twice']],
  ['inst', ['instanceof']],
  ['thing.also.toUp', ['toUpperCase']],
  ['process.cw', ['cwd']],
  ["'thing.al", []],
])('%s is completed with %j', async (code, expected) => {
  expect(await names(code)).toEqual(expected)
})

test('what a match replaces is told in UTF-16 offsets', async () => {
  const code = "'😀'; thing.al + 1"
  expect(await notebook.runtime.complete(code, 14)).toMatchObject({ start: 12, end: 14 })
})

test('no getter and no trap ran', async () => {
  await notebook.runtime.inspect('thing.bad', 9, 1)
  await notebook.runtime.inspect('trap', 4, 1)
  await notebook.runtime.inspect('thing', 4, 1)
  expect(await notebook.result('ran')).toBe('0')
})

test('a function is inspected with its signature, and its source at level 1', async () => {
  expect(await notebook.runtime.inspect('twice(1)', 2, 0)).toMatchObject({
    'text/plain': expect.stringMatching(/^twice: function twice\(x\s*\)/),
  })
  expect(await notebook.runtime.inspect('twice(1)', 2, 1)).toMatchObject({
    'text/plain': expect.stringContaining('return x * 2'),
  })
  expect(await notebook.runtime.inspect('thing.alpha', 11, 0)).toEqual({
    'text/plain': 'thing.alpha: number\n\n1',
  })
  expect(await notebook.runtime.inspect('unknown_name', 5, 0)).toBeUndefined()
})

test.each([
  ['twice(', 'twice'],
  ['twice( ', 'twice'],
  ['twice(1, ', 'twice'],
  ['twice(nowhere', 'twice'],
  ['twice(thing', 'thing'],
  ['1 + twice([1, { a: "(" }, ', 'twice'],
  ["twice(')', ", 'twice'],
  ['point.distance(', 'point.distance'],
  ['point.distance?.(', 'point.distance'],
  ['new Point(', 'Point'],
  ['twice(point.distance(', 'point.distance'],
  ['twice(point.distance(1), ', 'twice'],
  ['twice()', 'twice'],
  ['thing.alpha + ', 'thing.alpha'],
])('behind %j the inspection finds %s', async (code, name) => {
  const found = await notebook.runtime.inspect(code, code.length, 0)
  expect(String(found?.['text/plain']).split(':')[0]).toBe(name)
})

test.each([
  ['pointless', 5],
  ['nowhere(', 8],
  ['', 0],
  ['((', 2],
  ['"'.repeat(5000), 5000],
])('in %j at %i there is nothing to inspect', async (code, cursor) => {
  expect(await notebook.runtime.inspect(code, cursor, 0)).toBeUndefined()
})

test.each([
  ["'twi", []],
  ['"a twi', []],
  ['`a twi', []],
  ['`a ${1} twi', []],
  ['// twi', []],
  ['1 // twi', []],
  ['/* a\n twi', []],
  ['/twi', []],
  ["'it\\'s twi", []],
  ['// what\ntwi', ['twice']],
  ['/* a */ twi', ['twice']],
  ["'a' + twi", ['twice']],
  ['`a ${twi', ['twice']],
  ['`a ${`b` + twi', ['twice']],
  ['/a/.test(twi', ['twice']],
  ['4 / twi', ['twice']],
  ["'not closed\ntwi", ['twice']],
  ["%post @me don't\ntwi", ['twice']],
  ['! echo `\ntwi', ['twice']],
  ["'abc'.toUpp", ['toUpperCase']],
])('in %j the language service offers %j', async (code, expected) => {
  const { matches } = await createReflection(notebook.runtime).complete(code, code.length)
  expect(matches.map(({ text }) => text)).toEqual(expected)
})

test('a completion in 500 kB of code takes no longer than a person notices', async () => {
  const code = `${'const x = `a ${1} b` // c\n'.repeat(19_000)}twi`
  const complete = async () => {
    const { matches } = await createReflection(notebook.runtime).complete(code, code.length)
    expect(matches).toHaveLength(1)
  }
  expect(await computing(complete)).toBeLessThan(1000)
})

test('completion is answered while a cell awaits, and quickly empty while one spins', async () => {
  const awaiting = notebook.run("console.log('go'); await new Promise(() => {})")
  expect(await names('twi')).toEqual(['twice'])
  await notebook.runtime.interrupt()
  await awaiting
  const spinning = notebook.run("console.log('go'); while (true) {}")
  await notebook.until(() => notebook.text('stdout') === 'go\n')
  expect(await names('twi')).toEqual([])
  expect(await notebook.runtime.inspect('twice', 2, 0)).toBeUndefined()
  await notebook.runtime.interrupt()
  await spinning
})
