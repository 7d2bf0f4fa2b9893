// What errors of cells say besides their own words: the step that helps.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { TestRuntime } from '../helpers/runtime.ts'

let notebook: TestRuntime

beforeAll(() => {
  notebook = new TestRuntime()
})

afterAll(() => notebook.close())

async function failed(source: string): Promise<{ evalue: string; lines: string[] }> {
  const outcome = await notebook.run(source)
  if (outcome.status !== 'error') throw new Error('expected an error')
  const { evalue, traceback } = outcome.error
  return { evalue, lines: traceback.join('\n').split('\n').map(stripVTControlCharacters) }
}

test.each([
  ['const a = 1\n[1, 2].forEach((x) => x)', 2, '`[`', 1],
  ['const s = 5 // five\n\n(async () => 1)()', 3, '`(`', 1],
  ['const t = 1\n`${t}`', 2, 'a backtick', 1],
  ['function f() {\n  const z = 1\n  ;[z]\n  const y = z\n  (2)\n}\nf()', 5, '`(`', 4],
  ['const rows = { 1: 0 }\n[1]\n\nrows.a.b', 2, '`[`', 1],
])(
  'a cell that fails, %j, names line %i, which begins with %s and goes on line %i',
  async (source, line, mark, before) => {
    const { lines } = await failed(source)
    expect(lines.at(-2)).toBe(
      `Line ${line} begins with ${mark}, so JavaScript reads it as the rest of line ${before}, which has no semicolon. ` +
        `If it is a statement of its own, put a semicolon at the end of line ${before}.`,
    )
  },
)

test('lines that begin so and are statements of their own, or parts of a list, are not named', async () => {
  const { lines } = await failed('const m = [\n[1],\n[2],\n];\n[m].forEach((x) => x.a.b)')
  expect(lines.join('\n')).not.toContain('begins with')
})

test.each([
  ["import 'no-such/sub'", 'no-such', ''],
  ["await import('@no/such/deep.js')", '@no/such', ''],
  ["require('no-such/sub')", 'no-such', ''],
  ["import './needs.ts'", 'not-there', ', which FOLDER/needs.ts imports'],
])(
  '%s names the line that installs the package, and no frame of Node',
  async (source, name, where) => {
    writeFileSync(join(notebook.cwd, 'needs.ts'), "import 'not-there'\n")
    const { evalue, lines } = await failed(source)
    expect(evalue).toBe(
      `Cannot find package '${name}'${where.replace('FOLDER', notebook.cwd)}. Install it with \`%npm add ${name}\``,
    )
    expect(lines[1]).toBe(`    at In [${notebook.cellId.slice(5)}], line 1`)
    expect(lines.join('\n')).not.toMatch(/internal frame|code:|Require stack/)
  },
)

test.each([
  ['npm:d3@7', '%npm add d3@7', 'd3'],
  ['npm:@scope/x/sub', '%npm add @scope/x', '@scope/x'],
  ['jsr:@std/fs@^1', '! npx jsr add @std/fs@^1', '@std/fs'],
  ['https://esm.sh/d3@7/x.js', '%npm add d3@7', 'd3'],
  ['https://cdn.jsdelivr.net/npm/@scope/x@1.2.3/+esm', '%npm add @scope/x@1.2.3', '@scope/x'],
  ['https://example.org/x.js', '%npm add NAME', 'NAME'],
])('import %s says what to write instead', async (specifier, command, name) => {
  for (const source of [`import '${specifier}'`, `await import('${specifier}')`]) {
    const { evalue, lines } = await failed(source)
    expect(evalue).toContain(`Install the package with \`${command}\` and import it from '${name}'`)
    expect(lines.join('\n')).not.toContain('internal frame')
  }
})

test.each(['ls', 'ls -la', 'ls / 2'])('!%s says how a command is run', async (command) => {
  const { evalue, lines } = await failed(`if (true) {\n  !${command}\n}`)
  expect(evalue).toBe(
    `ls is not defined. To run a command, put a space after the exclamation mark: \`! ${command}\``,
  )
  expect(lines[1]).toContain('line 2')
})

test('frames show the path of a file, whatever its name', async () => {
  const folder = join(notebook.cwd, 'a b#c?d%e\u00e4 (1)')
  mkdirSync(folder)
  writeFileSync(
    join(folder, 'x.ts'),
    "export function boom(): never {\n  throw new Error('x')\n}\n",
  )
  writeFileSync(
    join(folder, 'y.mjs'),
    "export function boom() {\n  throw new Error('x')\n}\nconst top = () => boom()\nexport { top }\n",
  )
  writeFileSync(join(folder, 'bad.mjs'), 'const a = = 1\n')
  await notebook.run('const at = (name: string) => import(`./a b%23c%3fd%25e\u00e4 (1)/${name}`)')
  expect((await failed("(await at('x.ts')).boom()")).lines[1]).toBe(
    `    at Module.boom ${folder}/x.ts:2:9`,
  )
  expect((await failed("(await at('y.mjs')).top()")).lines.slice(1, 3)).toEqual([
    `    at Module.boom ${folder}/y.mjs:2:9`.replace('Module.', ''),
    `    at Module.top ${folder}/y.mjs:4:19`,
  ])
  expect((await failed("await at('bad.mjs')")).lines[1]).toBe(`    at ${folder}/bad.mjs:1`)
  await notebook.run("try { (await at('y.mjs')).top() } catch (error) { console.log(error.stack) }")
  expect(notebook.text('stdout')).toContain(`at boom (${folder}/y.mjs:2:9)\n`)
})
