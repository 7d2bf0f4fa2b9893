// What programs with progress bars call: it must come out as `\r` and text, which every front end
// and every post understands.
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { terminalText } from '../../../post/text/terminal-text.ts'
import { TestRuntime } from '../helpers/runtime.ts'

let notebook: TestRuntime
beforeAll(async () => {
  notebook = new TestRuntime()
  await notebook.run("import readline from 'node:readline'; const { stdout, stderr } = process")
})
beforeEach(() => {
  notebook.outputs.length = 0
})
afterAll(() => notebook.close())

async function written(source: string): Promise<string> {
  expect(await notebook.run(source)).toEqual({ status: 'ok' })
  return notebook.text('stdout')
}

test.each([
  [
    "stdout.write('long line'); stdout.clearLine(0); stdout.cursorTo(0); stdout.write('short')",
    'short',
  ],
  [
    "stdout.write('long line'); stdout.cursorTo(0); stdout.write('short'); stdout.clearLine(1)",
    'short',
  ],
  [
    "stdout.write('\\x1b[31mlong\\x1b[0m line'); stdout.cursorTo(0); stdout.write('short'); stdout.clearLine(1)",
    'short',
  ],
  ["stdout.write('a\\nlong line'); stdout.clearLine(0); stdout.write('b')", 'a\nb'],
  ["stdout.write('abcdef'); stdout.cursorTo(2); stdout.clearLine(1); stdout.write('X')", 'abX'],
  ["stdout.write('abcdef'); stdout.cursorTo(3); stdout.clearLine(-1); stdout.write('X')", '   Xef'],
  ["stdout.write('abc'); stdout.moveCursor(-1, 0); stdout.write('X')", 'abX'],
  ["stdout.write('abc'); stdout.moveCursor(-99, 0); stdout.write('X')", 'Xbc'],
  ["stdout.cursorTo(4); stdout.write('X')", '    X'],
  [
    "stdout.write('long line'); readline.clearLine(stdout, 0); readline.cursorTo(stdout, 0); stdout.write('short')",
    'short',
  ],
  ["stdout.write('abc'); readline.moveCursor(stdout, -1, 0); stdout.write('X')", 'abX'],
])('%s leaves %j', async (source, line) => {
  const text = await written(`${source};;`)
  expect(terminalText(text).replace(/ +$/, '')).toBe(line)
  // JupyterLab knows no other movement.
  expect(text.replaceAll('\u001b[31m', '').replaceAll('\u001b[0m', '')).not.toContain('\u001b')
})

test('a line of an earlier cell is not gone back to', async () => {
  await notebook.run("stdout.write('earlier');;")
  expect(await written('stdout.clearLine(0);;')).toBe('\r')
})

test('the streams have a size and are a terminal without colours if NO_COLOR says so', async () => {
  expect(
    await notebook.result(`
      [stdout, stderr].map((stream) => [stream.isTTY, stream.columns, stream.rows, ...stream.getWindowSize(), stream.hasColors(), stream.getColorDepth()].join())`),
  ).toBe("[ 'true,80,24,80,24,false,1', 'true,80,24,80,24,false,1' ]")
  expect(
    await written(
      "console.log({ a: 'x' }); stdout.write(require('node:util').styleText('red', 'x'));;",
    ),
  ).toBe("{ a: 'x' }\nx")
})

test('callbacks of the cursor are called', async () => {
  expect(
    await notebook.result(`
      let called = 0
      const next = () => new Promise((resolve) => { after = () => { called += 1; resolve(0) } })
      let after = () => {}
      for (const move of [(f) => stdout.clearLine(0, f), (f) => stdout.cursorTo(1, f), (f) => stdout.cursorTo(1, undefined, f), (f) => stdout.moveCursor(1, 0, f), (f) => readline.clearScreenDown(stdout, f)]) {
        const done = next()
        move(after)
        await done
      }
      called`),
  ).toBe('5')
})

test('who draws the screen anew clears the output first', async () => {
  await notebook.run("stdout.cursorTo(0, 0); console.log('screen')")
  expect(notebook.outputs).toMatchObject([
    { type: 'clear_output', wait: true },
    { text: 'screen\n' },
  ])
})

test('a progress bar of 10,000 steps costs no more than its text', async () => {
  const text = await written(
    'for (let i = 0; i < 10_000; i++) { stdout.cursorTo(0); stdout.write(`step ${i}`); stdout.clearLine(1) };;',
  )
  expect(terminalText(text)).toBe('step 9999')
  expect(text.length).toBeLessThan(10_000 * 20)
})

test('functions of readline go on for other streams', async () => {
  expect(
    await notebook.result(`
      const chunks = []
      const other = new (require('node:stream').Writable)({ write(chunk, _, done) { chunks.push(String(chunk)); done() } })
      readline.cursorTo(other, 0); readline.clearLine(other, 0)
      JSON.stringify(chunks)`),
  ).toBe(String.raw`'["\\u001b[1G","\\u001b[2K"]'`)
})
