// What cells write, in order, complete, and in the cell that caused it.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { TestRuntime } from '../helpers/runtime.ts'

let notebook: TestRuntime
beforeAll(() => {
  notebook = new TestRuntime()
})
afterAll(() => notebook.close())

test('100,000 lines arrive exactly, before the cell ends', async () => {
  await notebook.run('for (let i = 0; i < 100_000; i++) console.log(i)')
  const expected = Array.from({ length: 100_000 }, (_, index) => `${index}\n`).join('')
  expect(notebook.text('stdout') === expected).toBe(true)
})

test('stdout, stderr and displays keep the order in which they were written', async () => {
  await notebook.run(`
    for (let i = 0; i < 50; i++) {
      console.log('out', i); console.error('err', i); display(i)
    }`)
  const shown = notebook.outputs
    .filter((output) => output.cellId === notebook.cellId)
    .map((output) => {
      if (output.type === 'stream') return output.text.trim()
      return output.type === 'display_data' ? output.content.data['text/plain'] : output.type
    })
  expect(shown).toEqual(
    Array.from({ length: 50 }, (_, i) => [`out ${i}`, `err ${i}`, `${i}`]).flat(),
  )
})

test('raw writes and child processes fall between displays where they were written', async () => {
  await notebook.run(`
    const fs = require('node:fs'), { execSync } = require('node:child_process')
    console.log('one'); display('two'); fs.writeSync(1, 'three\\n'); display('four')
    execSync('echo five', { stdio: 'inherit' }); display('six')
    execSync('echo seven >&2', { stdio: 'inherit' }); display('eight')`)
  const shown = notebook.outputs
    .filter((output) => output.cellId === notebook.cellId)
    .map((output) => {
      if (output.type === 'stream') return output.text.trim()
      return output.type === 'display_data' ? output.content.data['text/plain'] : output.type
    })
  // Nobody knows the order of a program's writes to two pipes.
  expect(shown).toEqual(['one', "'two'", 'three', "'four'", 'five', "'six'", 'seven', "'eight'"])
})

test('text of a timer belongs to its cell, also after it ended and while another runs', async () => {
  await notebook.run(
    "const late = new Promise((done) => setTimeout(() => done(console.log('late')), 30)); console.log('now')",
  )
  const first = notebook.cellId
  await notebook.run('await late; console.log("second")')
  expect(notebook.text('stdout', first)).toBe('now\nlate\n')
  expect(notebook.text('stdout')).toBe('second\n')
})

test('text of a loop is seen while it spins', async () => {
  const running = notebook.run("console.log('working'); while (true) {}")
  await notebook.until(() => notebook.text('stdout') === 'working\n')
  await notebook.runtime.interrupt()
  expect(await running).toMatchObject({ status: 'error', interrupted: true })
})

const PIPELINE = "const { pipeline } = require('node:stream/promises')"
const SOURCE = "require('node:stream').Readable.from(['piped\\n'])"

test.each([
  ['pipeline', `${PIPELINE}; await pipeline(${SOURCE}, process.OUT)`, 'piped\n'],
  [
    'a web stream',
    `await require('node:stream').Readable.toWeb(${SOURCE}).pipeTo(require('node:stream').Writable.toWeb(process.OUT))`,
    'piped\n',
  ],
  [
    'pipe',
    `const from = ${SOURCE}; from.pipe(process.OUT); await require('node:events').once(from, 'end')`,
    'piped\n',
  ],
  ['end', "process.OUT.end('last\\n')", 'last\n'],
  ['end, awaited', "await new Promise((done) => process.OUT.end('last\\n', done))", 'last\n'],
  ['destroy', 'process.OUT.destroy()', ''],
  ['destroySoon', 'process.OUT.destroySoon()', ''],
  ['cork', "process.OUT.cork(); process.OUT.write('corked\\n')", 'corked\n'],
  ['setDefaultEncoding', "process.OUT.setDefaultEncoding('hex'); process.OUT.write('6869')", 'hi'],
  ['closeSync', "require('node:fs').closeSync(FD)", ''],
  ['close', "await new Promise((done) => require('node:fs').close(FD, done))", ''],
  [
    'a write stream of it',
    `${PIPELINE}; await pipeline(${SOURCE}, require('node:fs').createWriteStream('', { fd: FD }))`,
    'piped\n',
  ],
  [
    'listeners',
    "for (let i = 0; i < 9; i++) process.OUT.on('finish', () => console.log('heard')).on('error', () => 0)",
    '',
  ],
  [
    'a patched write',
    "let got = ''; process.OUT.write = (text) => { got += text; return true }; SAY; 0",
    '',
  ],
  ['a patched end', 'process.OUT.end = () => { throw 1 }', ''],
  ['a patched class', "require('node:stream').Writable.prototype.write = () => true", ''],
  ['a lost prototype', 'Object.setPrototypeOf(process.OUT, null)', ''],
  [
    'another stream in its place',
    "Object.defineProperty(process, 'OUT', { value: { write: () => true }, configurable: true })",
    '',
  ],
  [
    'an error',
    "process.OUT.on('error', () => 0); process.OUT.destroy(new Error('gone')); await 1",
    '',
  ],
])('what a cell does to a standard stream by %s ends with the cell', async (_what, code, text) => {
  for (const [name, say] of [
    ['stdout', 'console.log'],
    ['stderr', 'console.error'],
  ] as const) {
    const filled = code
      .replaceAll('OUT', name)
      .replaceAll('FD', name === 'stdout' ? '1' : '2')
      .replaceAll('SAY', `${say}('kept')`)
    expect(await notebook.run(filled)).toEqual({ status: 'ok' })
    expect(notebook.text(name)).toBe(text)
    expect(await notebook.run(`${say}('next')`)).toEqual({ status: 'ok' })
    expect(notebook.text(name)).toBe('next\n')
    await notebook.run(`require('node:fs').writeSync(${name === 'stdout' ? 1 : 2}, 'raw\\n')`)
    expect(notebook.text(name)).toBe('raw\n')
    expect(
      await notebook.result(`[process.${name}.listenerCount('finish'), process.${name}.writable]`),
    ).toBe('[ 0, true ]')
  }
})

test('a patched write sees what the same cell prints', async () => {
  const code = `
    let seen = ''
    const { write } = process.stdout
    process.stdout.write = (text) => { seen += text; return true }
    console.log('caught')
    process.stdout.write = write
    console.log('shown')
    seen`
  expect(await notebook.result(code)).toBe("'caught\\n'")
  expect(notebook.text('stdout')).toBe('shown\n')
})

test('a write after the end is told in the same cell, as Node does', async () => {
  await notebook.run(
    "process.stdout.end(); process.stdout.write('more'); await new Promise(setImmediate)",
  )
  expect(notebook.outputs.findLast((output) => output.type === 'error')).toMatchObject({
    content: { evalue: 'write after end' },
  })
  const told = await notebook.result(
    "process.stdout.end(); await new Promise((done) => { process.stdout.on('error', done); process.stdout.write('more') }).then(({ code }) => code)",
  )
  expect(told).toBe("'ERR_STREAM_WRITE_AFTER_END'")
})

test('a pipe that an earlier cell started goes on, and its end is not the end of the stream of others', async () => {
  await notebook.run(`
    const { Readable } = require('node:stream')
    const slow = new Readable({ read() {} })
    ${PIPELINE}
    pipeline(slow, process.stdout).catch(() => 0)
    const ending = new Promise((done) => setTimeout(() => { slow.push('late\\n'); slow.push(null); setTimeout(done, 5) }, 20)); 0`)
  const first = notebook.cellId
  await notebook.run("await ending; console.log('mine')")
  expect(notebook.text('stdout')).toBe('mine\n')
  expect(notebook.text('stdout', first)).toBe('late\n')
})
