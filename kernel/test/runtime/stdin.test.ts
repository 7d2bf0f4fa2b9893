// How programs ask a person: `prompt` and its like, `node:readline`, `process.stdin`. They use the
// notebook's input box, or say at once why they cannot; none waits for ever.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { TestRuntime } from '../helpers/runtime.ts'

let notebook: TestRuntime
beforeAll(async () => {
  notebook = new TestRuntime()
  await notebook.run(
    "import readline from 'node:readline'; import * as asking from 'node:readline/promises'",
  )
})
beforeEach(() => {
  notebook.calls.length = 0
  answers('one', 'two', 'three')
})
afterAll(() => notebook.close())

/** What the person types; after the last line the input ends. */
function answers(...lines: string[]): void {
  notebook.answer = () => {
    const line = lines.shift()
    if (line !== undefined) return Promise.resolve(line)
    const end = new Error('input ended without an answer')
    return Promise.reject(Object.assign(end, { name: 'EndOfInputError' }))
  }
}

function questions(): unknown[] {
  return notebook.calls.map(({ params }) => params)
}

const ask = (source: string) => notebook.run(source, { allowStdin: true })

async function value(source: string): Promise<unknown> {
  expect(await ask(source)).toEqual({ status: 'ok' })
  const shown = notebook.outputs.findLast((output) => output.type === 'execute_result')
  return shown?.cellId === notebook.cellId ? shown.content.data['text/plain'] : undefined
}

test.each([
  ["prompt('name?', 'Ada')", 'name? [Ada] ', '', "'Ada'"],
  ["prompt('name? ', 'Ada')", 'name? [Ada] ', 'Bob', "'Bob'"],
  ['prompt(1, 2)', '1 [2] ', '', "'2'"],
  ["prompt('name?')", 'name?', '', "''"],
  ["confirm('sure?')", 'sure? [y/N] ', 'y', 'true'],
  ["confirm('sure?')", 'sure? [y/N] ', ' YES ', 'true'],
  ["confirm('sure?')", 'sure? [y/N] ', '', 'false'],
  ["confirm('sure?')", 'sure? [y/N] ', 'yesterday', 'false'],
  ["alert('done')", 'done [Enter] ', '', undefined],
])('%s asks %j, and %j gives %s', async (source, question, answer, shown) => {
  answers(answer)
  expect(await value(source)).toBe(shown)
  expect(questions()).toEqual([{ prompt: question, password: false }])
})

test('an input that the person ends is null to prompt, no to confirm, and enough for alert', async () => {
  answers()
  expect(await value("[prompt('a', 'b'), confirm('c'), alert('d')]")).toBe(
    '[ null, false, undefined ]',
  )
})

test('an alert that nobody can confirm is printed', async () => {
  expect(await notebook.run("alert('done')")).toEqual({ status: 'ok' })
  expect(notebook.text('stdout')).toBe('done\n')
})

test.each([
  [
    'a promise',
    "await asking.createInterface({ input: process.stdin, output: process.stdout }).question('What? ')",
  ],
  [
    'a promise, by names of node:process',
    "import { stdin as input, stdout as output } from 'node:process'\nawait asking.createInterface({ input, output }).question('What? ')",
  ],
  [
    'a callback',
    "await new Promise((resolve) => readline.createInterface(process.stdin, process.stdout).question('What? ', resolve))",
  ],
  [
    'a callback behind options',
    "await new Promise((resolve) => readline.createInterface({ input: process.stdin }).question('What? ', {}, resolve))",
  ],
  [
    'promisify',
    "const rl = readline.createInterface({ input: process.stdin })\nawait require('node:util').promisify(rl.question).bind(rl)('What? ')",
  ],
])('readline.question asks in the input box: %s', async (_how, source) => {
  expect(await value(source)).toBe("'one'")
  expect(questions()).toEqual([{ prompt: 'What? ', password: false }])
})

test('the cell waits for a question whose callback it does not', async () => {
  await ask(
    "readline.createInterface({ input: process.stdin }).question('What? ', (answer) => console.log(`got ${answer}`))",
  )
  expect(notebook.text('stdout')).toBe('got one\n')
})

test('an interface that nobody asks anything asks nothing, and a closed one says so', async () => {
  expect(await ask('const open = asking.createInterface({ input: process.stdin })')).toEqual({
    status: 'ok',
  })
  expect(await ask("open.close(); await open.question('What?')")).toMatchObject({
    error: { evalue: 'readline was closed' },
  })
  expect(questions()).toEqual([])
})

test.each([
  [
    'the lines of an interface',
    'for await (const line of readline.createInterface({ input: process.stdin })) { console.log(line); LEAVE }',
    'one\n',
    'one\ntwo\nthree\n',
  ],
  [
    'the lines of one that promises',
    'for await (const line of asking.createInterface({ input: process.stdin })) { console.log(line); LEAVE }',
    'one\n',
    'one\ntwo\nthree\n',
  ],
  [
    'process.stdin',
    'for await (const chunk of process.stdin) { console.log(String(chunk)); LEAVE }',
    'one\n\n',
    'one\n\ntwo\n\nthree\n\n',
  ],
])(
  'for await of %s asks for each line that it takes, again in later cells',
  async (_what, source, first, all) => {
    await ask(source.replace('LEAVE', 'await null; break'))
    expect(notebook.text('stdout')).toBe(first)
    expect(questions()).toHaveLength(1)
    answers('one', 'two', 'three')
    await ask(source.replace('LEAVE', ''))
    expect(notebook.text('stdout')).toBe(all)
  },
)

test.each([
  ["process.stdin.once('data', (bytes) => console.log(String(bytes).trim()));;", 'one\n', 1],
  [
    "process.stdin.setEncoding('utf8').once('data', (text) => console.log(typeof text));;",
    'string\n',
    1,
  ],
  [
    "const [first] = await require('node:events').once(process.stdin, 'data'); console.log(String(first).trim())",
    'one\n',
    1,
  ],
  [
    "const rl = readline.createInterface({ input: process.stdin })\nlet count = 0\nrl.on('line', (line) => { console.log(line); if (++count === 2) rl.close() })\nawait require('node:events').once(rl, 'close');;",
    'one\ntwo\n',
    2,
  ],
  [
    "process.stdin.pipe(require('node:stream').Writable({ write(chunk, _, done) { console.log(String(chunk).trim()); done() } }));;",
    'one\ntwo\nthree\n',
    4,
  ],
])('%s takes what it asks for and no more', async (source, text, count) => {
  expect(await ask(source)).toEqual({ status: 'ok' })
  expect(notebook.text('stdout')).toBe(text)
  expect(questions()).toHaveLength(count)
})

test.each([
  "confirm('sure?')",
  "prompt('name?', 'Ada')",
  "await asking.createInterface({ input: process.stdin }).question('What? ')",
  "readline.createInterface({ input: process.stdin }).question('What? ', () => 0)",
  "await new Promise((resolve) => readline.createInterface({ input: process.stdin }).question('What? ', resolve))",
  'for await (const line of readline.createInterface({ input: process.stdin }));',
  "const rl = readline.createInterface({ input: process.stdin }); rl.on('line', () => 0); await new Promise(() => 0)",
  "await new Promise((resolve) => process.stdin.on('data', resolve))",
  "await new Promise((resolve) => process.stdin.on('readable', resolve))",
  'for await (const chunk of process.stdin);',
])('where nobody can answer, the cell fails at once and once: %s', async (source) => {
  expect(await notebook.run(source)).toMatchObject({
    status: 'error',
    error: { ename: 'StdinNotAllowedError', evalue: expect.stringContaining('allow_stdin') },
  })
  expect(questions()).toEqual([])
  // What it left behind prints nothing in the next cell.
  await notebook.run('await new Promise((resolve) => setTimeout(resolve, 20));;')
  expect(notebook.outputs.filter(({ type }) => type === 'error')).toEqual([])
})

test('a question whose input ends fails with its cell', async () => {
  answers()
  for (const source of [
    "await asking.createInterface({ input: process.stdin }).question('What? ')",
    "await new Promise((resolve) => readline.createInterface({ input: process.stdin }).question('What? ', resolve))",
  ]) {
    expect(await ask(source)).toMatchObject({ error: { ename: 'EndOfInputError' } })
  }
})

test.each([
  "await asking.createInterface({ input: process.stdin }).question('What? ')",
  "await new Promise((resolve) => process.stdin.once('data', resolve))",
])('%s is interrupted', async (source) => {
  notebook.answer = () => new Promise(() => undefined)
  const running = ask(source)
  await notebook.until(() => notebook.calls.length === 1)
  await notebook.runtime.interrupt()
  expect(await running).toMatchObject({ interrupted: true })
})

test('the lines of a file are read as ever, and not printed', async () => {
  await notebook.run(`
    const lines = []
    const input = require('node:stream').Readable.from(['a\\nb\\n'])
    for await (const line of readline.createInterface({ input, output: process.stdout })) lines.push(line)
    const more = require('node:stream').Readable.from(['c\\n'])
    for await (const line of readline.createInterface(more, process.stdout)) lines.push(line);;`)
  expect(notebook.text('stdout')).toBe('')
  expect(await notebook.result('lines')).toBe("[ 'a', 'b', 'c' ]")
})

test('a question can be given up', async () => {
  notebook.answer = () => new Promise(() => undefined)
  expect(
    await ask(
      "await asking.createInterface({ input: process.stdin }).question('What? ', { signal: AbortSignal.timeout(20) })",
    ),
  ).toMatchObject({ error: { ename: 'TimeoutError' } })
})

test('who wants single keys hears that there are none', async () => {
  expect(await ask("process.stdin.on('keypress', () => 0)")).toMatchObject({
    error: { evalue: expect.stringContaining('input(question)') },
  })
})
