// Texts that nest so deeply that a native parser kills its process: that is another process, and
// the person reads why.
import { expect, test } from '@jest/globals'
import { compileSafely, judgeSafely } from '../../src/cell/canary.ts'
import { CellSyntaxError } from '../../src/cell/compiled.ts'
import { mayNestTooDeeply } from '../../src/cell/nesting.ts'

const options = { filename: '/notebook/cell_1.ts' }

async function refused(source: string): Promise<CellSyntaxError> {
  try {
    await compileSafely(source, options)
  } catch (error) {
    if (error instanceof CellSyntaxError) return error
    throw error
  }
  throw new Error('it was compiled')
}

test.each<[string, string]>([
  ['parentheses', '('.repeat(10_000)],
  ['functions in functions', '() => {'.repeat(10_000)],
  ['`else if`', `if (a) {}${' else if (a) {}'.repeat(10_000)}`],
  ['arrows, each on its line', `${'a =>\n'.repeat(10_000)}1`],
  ['conditionals, each on its line', `${'a ? b :\n'.repeat(10_000)}1`],
  ['labels', `${Array.from({ length: 10_000 }, (_, i) => `a${i}:`).join('\n')}1`],
  ['conditional types', `type A = ${'B extends C ? D : '.repeat(20_000)}E`],
  ['what only swc parses', `@d class A { accessor x = 1 }\n${'if (a)'.repeat(8000)}1`],
])('10,000 %s are an error at once, and the process lives', async (_name, source) => {
  const { message, line, frame } = await refused(source)
  expect(message).toMatch(/^Nested too deeply for the parser/)
  expect({ line, isShort: frame.length < 1000 }).toEqual({ line: 1, isShort: true })
})

test.each<[string, string]>([
  ['a bundle on one line', `${'var f=function(a){return a?a:f};'.repeat(3000)}f`],
  ['a table of rows', `[${'[1,{a:2}],\n'.repeat(3000)}]`],
  ['3,000 `else if`', `if (false) {}${' else if (false) {}'.repeat(3000)}\n1`],
])('%s is compiled, for it only looks deep', async (_name, source) => {
  expect((await compileSafely(source, options)).script.hasValue).toBe(true)
})

test('what a person types is never tried elsewhere first', () => {
  const line = 'const total: number = rows.map((row) => row.a ? row.b : 0).reduce(sum)\n'
  expect(mayNestTooDeeply(line.repeat(150))).toBe(false)
  expect(mayNestTooDeeply(`/* ${'x'.repeat(5_000_000)} */`)).toBe(false)
})

test('a mistake in a long text is shown at its place', async () => {
  const { message, line } = await refused(`${'if (a) b()\n'.repeat(2000)}let x = = 1`)
  expect(message).not.toMatch(/Nested/)
  expect(line).toBe(2001)
})

test('the magics of a long cell are known where it is tried', async () => {
  const magics = new Map([['post', { line: true, cell: true }]])
  const source = `${'if (a) b()\n'.repeat(2000)}%post @me \${a} done`
  const cell = await compileSafely(source, { ...options, magics })
  expect(cell.magics).toMatchObject([{ name: 'post', lineNumber: 2001 }])
})

test('an interrupt ends the wait for it', async () => {
  const abort = new AbortController()
  const compiling = compileSafely('('.repeat(10_000), options, abort.signal)
  abort.abort(new Error('interrupted'))
  await expect(compiling).rejects.toThrow('interrupted')
})

test.each([
  ['if (a) b()\n'.repeat(2000), 'complete'],
  [`${'if (a) b()\n'.repeat(2000)}{`, 'incomplete'],
  ['('.repeat(10_000), 'invalid'],
])('whether a long text is complete is judged too', async (source, status) => {
  expect((await judgeSafely(source)).status).toBe(status)
})
