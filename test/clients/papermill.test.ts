// papermill runs TypeScript notebooks with parameters: the Python package's plug-in, installed as
// pip installs it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { runInThisContext } from 'node:vm'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { z } from 'zod'
import { startVenv } from '../../start/clone.ts'
import { inVenv } from '../../start/venv.ts'
import { root, testHome } from '../helpers/clone.ts'
import type { TestHome } from '../helpers/clone.ts'
import { finish } from '../helpers/program.ts'
import { readNotebook, shownBy, writeNotebook } from '../helpers/notebook-file.ts'

const LIMIT = 120_000
const PARAMETERS = {
  source: `/** How fast it learns. */
const alpha: number = 0.5
let layers = [8, 4] // neurons of each layer
let name = 'no one', note: string | null = null`,
  tags: ['parameters'],
}

let home: TestHome
let installed: string
let env: NodeJS.ProcessEnv

beforeAll(async () => {
  home = await testHome()
  installed = mkdtempSync(join(tmpdir(), 'jupyterpost-pip-'))
  // hatchling is already in the environment, so no network is needed.
  const words = '-m pip install --quiet --no-deps --no-build-isolation --disable-pip-version-check'
  const { code, stderr } = await finish(
    inVenv(startVenv.folder, 'python'),
    [...words.split(' '), '--target', installed, join(root, 'python')],
    { env: home.env },
  )
  if (code !== 0) throw new Error(stderr)
  env = { ...home.env, PYTHONPATH: installed, PYTHONDONTWRITEBYTECODE: '1' }
  table = await askPlugin()
}, LIMIT)

afterAll(async () => {
  rmSync(installed, { recursive: true, force: true })
  await home[Symbol.asyncDispose]()
}, LIMIT)

const shell = (command: string) => finish('sh', ['-c', command], { env, cwd: home.notebooks })

const Table = z.object({
  translate: z.array(z.string()),
  comment: z.array(z.string()),
  assign: z.array(z.string()),
  inspect: z.array(z.array(z.array(z.string()))),
})
let table: z.infer<typeof Table>

/** A Python value and the TypeScript that it becomes. */
const VALUES: ReadonlyArray<readonly [python: string, typescript: string]> = [
  ['None', 'null'],
  ['True', 'true'],
  ['False', 'false'],
  ['0', '0'],
  ['-12', '-12'],
  ['2**53 - 1', '9007199254740991'],
  ['2**53', '9007199254740992n'],
  ['-2**64', '-18446744073709551616n'],
  ['0.1', '0.1'],
  ['-0.0', '-0.0'],
  ['1e300', '1e+300'],
  ['float("nan")', 'NaN'],
  ['float("inf")', 'Infinity'],
  ['float("-inf")', '-Infinity'],
  ['""', '""'],
  ['"plain"', '"plain"'],
  [
    String.raw`"it's \"quoted\" \\ and \n\t\r\0"`,
    String.raw`"it's \"quoted\" \\ and \n\t\r\u0000"`,
  ],
  ['"${x} `y`"', '"${x} `y`"'],
  [
    String.raw`"é 𝒳 日本 \u2028\u2029\u202e\ufeff"`,
    String.raw`"é 𝒳 日本 \u2028\u2029\u202e\ufeff"`,
  ],
  [String.raw`"\ud800"`, String.raw`"\ud800"`],
  ['[]', '[]'],
  ['[1, "a", None, [2.5, [True]]]', '[1, "a", null, [2.5, [true]]]'],
  ['(1, 2)', '[1, 2]'],
  ['{}', '{}'],
  ['{"a": 1, "b c": {"d": [None]}}', '{ "a": 1, "b c": { "d": [null] } }'],
  ['{"it\'s": 1, 2: 3, True: 4, None: 5}', '{ "it\'s": 1, "2": 3, "true": 4, "null": 5 }'],
  ['{"__proto__": 1}', '{ ["__proto__"]: 1 }'],
]

const CELLS: ReadonlyArray<readonly [cell: string, ...found: string[][]]> = [
  [''],
  ['console.log(1)\nx = 5\nimport { y } from "./y.ts"'],
  ['const a: number = 0.5', ['a', 'number', '0.5', '']],
  ['let a = 1 // how many', ['a', 'number', '1', 'how many']],
  ['let a = 1; // how many', ['a', 'number', '1', 'how many']],
  ['/** How\n * many. */\nlet a = 1', ['a', 'number', '1', 'How many.']],
  ['// Not of a\nlet a = -1e-5', ['a', 'number', '-1e-5', '']],
  ["let s = 'a // b' /* who */", ['s', 'string', "'a // b'", 'who']],
  ['let t = `${`}`} // b`', ['t', 'string', '`${`}`} // b`', '']],
  ['let a = 12n, b = false // two', ['a', 'bigint', '12n', ''], ['b', 'boolean', 'false', 'two']],
  ['let list = [\n  1, // one\n  2,\n]', ['list', 'number[]', '[ 1, 2, ]', '']],
  ["let mixed = [1, 'a']", ['mixed', '(number | string)[]', "[1, 'a']", '']],
  ['let none = null', ['none', 'null', 'null', '']],
  ['var later: string | undefined', ['later', 'string | undefined', 'undefined', '']],
  [
    'let m: Map<string, number[]> = new Map<string, number[]>(), n = 1',
    ['m', 'Map<string, number[]>', 'new Map<string, number[]>()', ''],
    ['n', 'number', '1', ''],
  ],
  [
    'const f: (a: number, b?: string) => void = () => {}',
    ['f', '(a: number, b?: string) => void', '() => {}', ''],
  ],
  ['const quotes = /[\'"`/]/g', ['quotes', 'RegExp', '/[\'"`/]/g', '']],
  ["const when = new Date('2026-01-01')", ['when', 'Date', "new Date('2026-01-01')", '']],
  [
    'const o = { a: 1, b: { c: 2 } } as const\nlet z = 1',
    ['o', 'object', '{ a: 1, b: { c: 2 } } as const', ''],
    ['z', 'number', '1', ''],
  ],
  ["let mode = 'a' as 'a' | 'b'", ['mode', "'a' | 'b'", "'a' as 'a' | 'b'", '']],
  ['let sum =\n  1 +\n  2', ['sum', 'None', '1 + 2', '']],
  ['const { a, b } = c, d = 1', ['d', 'number', '1', '']],
  ['function g() {\n  let hidden = 1\n}\nexport const out = 1', ['out', 'number', '1', '']],
  ['let π = 3.14\r\nlet $ = ""', ['π', 'number', '3.14', ''], ['$', 'string', '""', '']],
  [
    "let broken = 'no end\nlet fine = 1",
    ['broken', 'None', "'no end", ''],
    ['fine', 'number', '1', ''],
  ],
]

const COMMENTS = ['Parameters', 'a\nb\u2028c', '']
const NAMES = ['fine_1', '$', 'π', 'my-name', '1st', 'class', 'await', '']

/** Reads all tables with one start of Python. */
async function askPlugin(): Promise<z.infer<typeof Table>> {
  const asked = {
    translate: VALUES.map(([python]) => python),
    comment: COMMENTS,
    assign: NAMES,
    inspect: CELLS.map(([cell]) => cell),
  }
  const { code, stdout, stderr } = await finish(
    inVenv(startVenv.folder, 'python'),
    [join(root, 'test/clients/fixtures/papermill_table.py')],
    { env, input: JSON.stringify(asked) },
  )
  if (code !== 0) throw new Error(stderr)
  return Table.parse(JSON.parse(stdout))
}

test('each value of Python becomes the same value of TypeScript', () => {
  expect(table.translate).toEqual(VALUES.map(([, typescript]) => typescript))
})

test('names, types, defaults and help are read from a parameters cell', () => {
  expect(table.inspect).toEqual(CELLS.map(([, ...found]) => found))
})

test('a comment stays a comment, also over several lines', () => {
  expect(table.comment).toEqual(['// Parameters', '// a\n// b\n// c', '//'])
})

test('a parameter whose name cannot be a variable is refused, with what a name must be', () => {
  expect(table.assign.slice(0, 3)).toEqual(['let fine_1 = 1', 'let $ = 1', 'let π = 1'])
  for (const [index, said] of table.assign.entries())
    if (index >= 3)
      expect(said).toContain(`The parameter '${NAMES[index]}' cannot be a variable of TypeScript`)
})

test(
  'a notebook runs with the parameters in place of its defaults',
  async () => {
    const cells = [PARAMETERS, '({ alpha, layers, name })', 'alpha = alpha + 1']
    writeNotebook(join(home.notebooks, 'report.ipynb'), cells)
    const command = "papermill report.ipynb done.ipynb -p alpha 0.7 -y 'layers: [64, 32]'"
    expect(await shell(command)).toMatchObject({ code: 0 })
    const done = readNotebook(join(home.notebooks, 'done.ipynb')).cells
    expect(done[1]?.source).toBe('// Parameters\nlet layers = [64, 32]\nlet alpha = 0.7\n')
    expect(done.map(shownBy)).toEqual([
      [],
      [],
      ["{ alpha: 0.7, layers: [ 64, 32 ], name: 'no one' }"],
      ['1.7'],
    ])
  },
  LIMIT,
)

test(
  'the kernel reads each value as it was given',
  async () => {
    // Not in a file: papermill would write NaN into the metadata, which JSON does not allow.
    const given = VALUES.map(([, typescript]) => typescript)
    const path = join(home.notebooks, 'values.ipynb')
    writeNotebook(
      path,
      given.map((typescript) => `let value = ${typescript}\nvalue`),
    )
    expect(await shell('jupyter execute --inplace values.ipynb')).toMatchObject({ code: 0 })
    const shown = readNotebook(path).cells.map((cell) => shownBy(cell).join())
    expect(shown).toEqual(given.map((typescript) => inspect(evaluated(typescript))))
  },
  LIMIT,
)

const evaluated = (expression: string): unknown => runInThisContext(`(${expression})`)

test(
  '--help-notebook shows the parameters of a notebook',
  async () => {
    writeNotebook(join(home.notebooks, 'report.ipynb'), [PARAMETERS])
    const { code, stdout } = await shell('papermill --help-notebook report.ipynb')
    expect({ code, shown: stdout.split('\n').filter((line) => line.includes('default')) }).toEqual({
      code: 0,
      shown: [
        '  alpha: number (default 0.5)     How fast it learns.',
        '  layers: number[] (default [8, 4])',
        "  name: string (default 'no one')",
        '  note: string | null (default null)',
      ],
    })
    expect(stdout).toContain('neurons of each layer')
  },
  LIMIT,
)

test(
  'a cell that fails ends the run, names the error and leaves the notebook with it',
  async () => {
    writeNotebook(join(home.notebooks, 'fails.ipynb'), ['throw new RangeError("too far")', '1'])
    const { code, stderr } = await shell('papermill fails.ipynb failed.ipynb')
    expect(code).toBe(1)
    expect(stderr).toContain('RangeError: too far')
    const { cells } = readNotebook(join(home.notebooks, 'failed.ipynb'))
    expect(cells.flatMap(shownBy)).toContain('error: RangeError: too far')
    expect(cells.at(-1)?.execution_count ?? null).toBeNull()
  },
  LIMIT,
)

test(
  'the engine jupyterpost runs a notebook that does not say its language',
  async () => {
    writeNotebook(join(home.notebooks, 'bare.ipynb'), ['word'], { name: 'jupyterpost' })
    const command = 'papermill bare.ipynb ran.ipynb --engine jupyterpost -p word hi'
    expect(await shell(command)).toMatchObject({ code: 0 })
    expect(readNotebook(join(home.notebooks, 'ran.ipynb')).cells.flatMap(shownBy)).toEqual(["'hi'"])
  },
  LIMIT,
)
