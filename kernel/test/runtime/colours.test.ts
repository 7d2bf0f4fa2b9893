// What `console` prints is in colour, as Node prints it in a terminal; NO_COLOR and the like count,
// also when a cell sets them.
import { formatWithOptions, stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { TestRuntime } from '../helpers/runtime.ts'

let notebook: TestRuntime
beforeAll(async () => {
  notebook = new TestRuntime()
  await notebook.run('const { stdout, stderr } = process')
})
beforeEach(async () => {
  await notebook.run(
    'for (const name of ["NO_COLOR", "FORCE_COLOR", "NODE_DISABLE_COLORS"]) delete process.env[name];;',
  )
  notebook.outputs.length = 0
})
afterAll(() => notebook.close())

async function printed(source: string, name: 'stdout' | 'stderr' = 'stdout'): Promise<string> {
  expect(await notebook.run(`${source};;`)).toEqual({ status: 'ok' })
  return notebook.text(name)
}

/** Colours that read in JupyterLab, in place of Node's. */
const READABLE: Readonly<Record<string, string>> = {
  '\u001b[33m': '\u001b[93m',
  '\u001b[36m': '\u001b[96m',
  '\u001b[90mundefined\u001b[39m': '\u001b[2mundefined\u001b[22m',
}

/** As Node prints it in a terminal. */
const nodes = (...args: unknown[]) =>
  Object.entries(READABLE).reduce(
    (text, [first, readable]) => text.replaceAll(first, readable),
    `${formatWithOptions({ colors: true }, ...args)}\n`,
  )

test.each([
  [
    'console.log({ a: 1, b: "x", c: null, d: [true, undefined] })',
    nodes({ a: 1, b: 'x', c: null, d: [true, undefined] }),
  ],
  ['console.log("text", 1, Symbol("s"))', nodes('text', 1, Symbol('s'))],
  ['console.log("text")', 'text\n'],
  [
    'console.log("%s is %d: %o, %O, %j%c", "a", 1, [2], { b: 3 }, 4, "color: red")',
    nodes('%s is %d: %o, %O, %j%c', 'a', 1, [2], { b: 3 }, 4, 'color: red'),
  ],
  [
    'console.info(new Map([[1, "a"]])); console.debug(Symbol("y"))',
    nodes(new Map([[1, 'a']])) + nodes(Symbol('y')),
  ],
  ['console.dir({ a: 1 })', nodes({ a: 1 })],
  ['console.dir({ a: 1 }, { colors: false })', '{ a: 1 }\n'],
  ['console.group("g"); console.log(1); console.groupEnd()', `g\n  ${nodes(1)}`],
  ['stdout.write("x")', 'x'],
  ['console.log(require("node:util").inspect({ a: 1 }))', '{ a: 1 }\n'],
  ['stdout.write(require("node:util").styleText("red", "x"))', '\u001b[31mx\u001b[39m'],
])('%s prints as in a terminal', async (source, text) => {
  expect(await printed(source)).toBe(text)
})

test('stderr has colours too, and an error its frames', async () => {
  const text = await printed(
    'console.error({ a: 1 }, Object.assign(new Error("e"), { code: 5 }))',
    'stderr',
  )
  expect(text).toContain(nodes({ a: 1 }).trimEnd())
  expect(text).toContain('code: \u001b[93m5\u001b[39m')
  expect(stripVTControlCharacters(text)).toContain('Error: e')
})

test('a table keeps its shape', async () => {
  const text = await printed('console.table([{ a: 1, b: "x" }])')
  expect(text).toContain('\u001b[93m1\u001b[39m')
  const widths = new Set(
    stripVTControlCharacters(text)
      .trimEnd()
      .split('\n')
      .map((line) => line.length),
  )
  expect([...widths]).toHaveLength(1)
})

test.each([
  ['process.env.NO_COLOR = "1"', false, 1],
  ['process.env.NO_COLOR = ""', true, 8],
  ['process.env.NODE_DISABLE_COLORS = "1"', false, 1],
  ['process.env.FORCE_COLOR = "0"', false, 1],
  ['process.env.FORCE_COLOR = "1"', true, 4],
  ['process.env.FORCE_COLOR = "3"; process.env.NO_COLOR = "1"', true, 24],
  ['process.env.TERM = "dumb"', true, 8],
])(
  'after %s in the same cell, objects have colours: %j, of %d bits',
  async (source, coloured, depth) => {
    const text = await printed(
      `${source}; console.log([1]); console.log(stdout.getColorDepth(), stdout.hasColors(2), stdout.hasColors(2 ** ${depth + 1}))`,
    )
    const [first, second] = stripVTControlCharacters(text).split('\n')
    expect(text.startsWith(coloured ? nodes([1]) : '[ 1 ]\n')).toBe(true)
    expect([first, second]).toEqual(['[ 1 ]', `${depth} true false`])
  },
)

test.each([
  ['{ TERM: "dumb" }', 1],
  ['{ COLORTERM: "truecolor" }', 24],
])('an environment given to it counts instead: %s', async (env, depth) => {
  expect(await notebook.result(`stdout.getColorDepth(${env})`)).toBe(String(depth))
  expect(await notebook.result(`stdout.hasColors(${env})`)).toBe(String(depth > 1))
})

test('strings inside objects are cut with a count, a printed string never', async () => {
  const long = '"x".repeat(22345)'
  const text = stripVTControlCharacters(
    await printed(
      `console.log({ a: ${long} }); console.log([[${long}]]); console.log("%o", [${long}])`,
    ),
  )
  expect(text.match(/'x{10000}'\.\.\. 12345 more characters/g)).toHaveLength(3)
  notebook.outputs.length = 0
  expect(await printed(`console.log(${long}, ${long}); console.log("%s", ${long})`)).toHaveLength(
    3 * 22_345 + 3,
  )
})

test('the value of a cell stays plain text', async () => {
  expect(await notebook.result('({ a: 1 })')).toBe('{ a: 1 }')
})
