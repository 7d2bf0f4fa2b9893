// Questions by Node's and browsers' functions, from a real kernel to a real client over stdin; and
// habits that need all of these parts.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Client } from './helpers/client.ts'
import type { Answer } from './helpers/client.ts'
import { spawnKernel } from './helpers/kernel.ts'
import type { Spawned } from './helpers/kernel.ts'

let kernel: Spawned
let client: Client
beforeAll(async () => {
  kernel = await spawnKernel()
  client = await new Client(kernel.connection).connect()
})
afterAll(async () => {
  client.close()
  await kernel.close()
})

/** Runs a cell, whose questions get these answers in order; also returns the questions. */
async function dialogue(
  code: string,
  answers: string[],
): Promise<{ answer: Answer; asked: unknown[] }> {
  const id = await client.send('execute_request', { code, allow_stdin: true })
  const asked: unknown[] = []
  const seen = new Set<string>()
  for (const value of answers) {
    const question = await client.until(
      ({ header, parent }) =>
        header.msg_type === 'input_request' && parent['msg_id'] === id && !seen.has(header.msg_id),
    )
    seen.add(question.header.msg_id)
    asked.push(question.content['prompt'])
    await client.send(
      'input_reply',
      { status: 'ok', value },
      { channel: 'stdin', parent: question.header },
    )
  }
  return { answer: await client.answer(id), asked }
}

const resultOf = ({ iopub }: Answer): unknown =>
  iopub.find(({ header }) => header.msg_type === 'execute_result')?.content['data']

test.each<[string, string[], string[], string]>([
  ["prompt('name?', 'Ada')", [''], ['name? [Ada] '], "'Ada'"],
  ["[prompt('a '), prompt('b ')]", ['\u0004', 'x'], ['a ', 'b '], "[ null, 'x' ]"],
  ["confirm('sure?')", ['yes'], ['sure? [y/N] '], 'true'],
  [
    "import * as readline from 'node:readline/promises'\nconst rl = readline.createInterface({ input: process.stdin, output: process.stdout })\n[await rl.question('a? '), await rl.question('b? ')]".replace(
      '\n[',
      '\n;[',
    ),
    ['1', '2'],
    ['a? ', 'b? '],
    "[ '1', '2' ]",
  ],
  [
    'const lines = []\nfor await (const line of rl) lines.push(line)\nlines;',
    ['1', '2', '\u0004'],
    ['', '', ''],
    "[ '1', '2' ]",
  ],
])('%s', async (code, answers, questions, shown) => {
  const { answer, asked } = await dialogue(code, answers)
  expect(answer.reply.content['status']).toBe('ok')
  expect(asked).toEqual(questions)
  expect(resultOf(answer)).toMatchObject({ 'text/plain': shown })
})

test('a SIGINT of the terminal interrupts a cell with a handler of its own, and the variables stay', async () => {
  await client.execute("let kept = 'kept'")
  const id = await client.send('execute_request', {
    code: "process.on('SIGINT', () => process.exit(1)); console.log('go'); while (true) {}",
  })
  await client.until(({ parent, content }) => parent['msg_id'] === id && content['text'] === 'go\n')
  kernel.child.kill('SIGINT')
  expect((await client.answer(id)).reply.content['ename']).toBe('KeyboardInterrupt')
  expect(resultOf(await client.execute('kept;'))).toMatchObject({ 'text/plain': "'kept'" })
})

test('the place of the cursor that a progress bar keeps and restores is no text', async () => {
  const { iopub } = await client.execute("process.stdout.write('\\x1b7\\r50 %\\x1b8');;")
  const texts = iopub.filter(({ header }) => header.msg_type === 'stream')
  expect(texts.map(({ content }) => content['text']).join('')).toBe('\r50 %')
})

test('a generic arrow function goes on, and nothing is offered inside a string', async () => {
  const { reply } = await client.ask('is_complete_request', { code: '<T>(x: T) =>' })
  expect(reply.content).toEqual({ status: 'incomplete', indent: '  ' })
  const inside = await client.ask('complete_request', { code: "'pro", cursor_pos: 4 })
  expect(inside.reply.content['matches']).toEqual([])
  const behind = await client.ask('inspect_request', {
    code: 'display(',
    cursor_pos: 8,
    detail_level: 0,
  })
  expect(behind.reply.content).toMatchObject({
    found: true,
    data: { 'text/plain': expect.stringContaining('display') },
  })
})
