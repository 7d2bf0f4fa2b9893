// Shell lines through the whole kernel: real shells, real process groups.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Client } from '../helpers/client.ts'
import type { Answer, Received } from '../helpers/client.ts'
import { spawnKernel } from '../helpers/kernel.ts'
import type { Spawned } from '../helpers/kernel.ts'

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

function textOf({ iopub }: Answer, name: string): string {
  return iopub
    .filter(({ content }) => content['name'] === name)
    .map(({ content }) => content['text'])
    .join('')
}

test.each([
  ['! echo hi', 'hi\n'],
  ['%sh echo hi', 'hi\n'],
  ['!   printf "%s-" "a  b" --color -- -x', 'a  b---color-----x-'],
  ['! --nope 2>/dev/null || echo no flag', 'no flag\n'],
  ['const word = "wörld"\n! echo hello ${word} | tr h H', 'Hello wörld\n'],
  ['! HERE=there; echo $HERE \\${HERE}', 'there there\n'],
  ['console.log("before")\n! echo between\nconsole.log("after")', 'before\nbetween\nafter\n'],
  ['if (true) {\n  ! echo inside\n}', 'inside\n'],
  ['const no = !true\n!no\n! echo ${no}', 'false\n'],
])('%j writes %j', async (code, text) => {
  const answer = await client.execute(code)
  expect(answer.reply.content).toMatchObject({ status: 'ok' })
  expect(textOf(answer, 'stdout')).toBe(text)
})

test('commands run in the folder of the notebook, stderr apart', async () => {
  const answer = await client.execute('! ls; echo oops >&2')
  expect(textOf(answer, 'stdout')).toContain('kernel.json')
  expect(textOf(answer, 'stderr')).toBe('oops\n')
})

test('what cells and commands write has the umask of who started the kernel', async () => {
  const code = `import { writeFileSync, statSync, mkdirSync } from 'node:fs'
mkdirSync('made'); writeFileSync('made/cell', '')
! umask; touch made/command
for (const name of ['made', 'made/cell', 'made/command']) console.log((statSync(name).mode & 0o777).toString(8))`
  const answer = await client.execute(code)
  const umask = process.umask()
  const octal = (mode: number) => (mode & ~umask).toString(8)
  expect(textOf(answer, 'stdout')).toBe(
    `${umask.toString(8).padStart(4, '0')}\n${octal(0o777)}\n${octal(0o666)}\n${octal(0o666)}\n`,
  )
})

test('what a command shows is captured with its cell', async () => {
  const answer = await client.execute('%%post --preview lab\n! echo seen')
  expect(JSON.stringify(answer.iopub.at(-2)?.content)).toContain('seen')
})

test.each([
  ['! exit 3', 'ShellError', '`exit 3` ended with exit code 3'],
  ['! kill -TERM $$', 'ShellError', '`kill -TERM $$` was ended by SIGTERM'],
  ['%sh', 'UsageError', 'Expected a command: `! ls -l` or `%sh ls -l`\nUsage: %sh COMMAND'],
])('%j is %s: %s, and the rest of the cell does not run', async (code, ename, evalue) => {
  const answer = await client.execute(`${code}\nconsole.log("not reached")`)
  expect(answer.reply.content).toMatchObject({ status: 'error', ename, evalue })
  expect(textOf(answer, 'stdout')).toBe('')
})

test('text is shown while a command runs; an interrupt ends it and what it started', async () => {
  const id = await client.send('execute_request', {
    code: '! sh -c \'trap "" INT; echo $$; sleep 60 & wait\' & sleep 60 & wait; sleep 60',
  })
  const isText = ({ parent, content }: Received): boolean =>
    parent['msg_id'] === id && content['name'] === 'stdout'
  const pid = Number((await client.until(isText)).content['text'])
  await client.ask('interrupt_request', {}, 'control')
  const { reply } = await client.answer(id)
  expect(reply.content).toMatchObject({ status: 'error', ename: 'KeyboardInterrupt' })
  const gone =
    'async function gone(pid) { for (;;) { try { process.kill(pid, 0) } catch { return } ' +
    'await new Promise((resolve) => setTimeout(resolve, 5)) } }'
  const answer = await client.execute(`${gone}\nawait gone(${pid})`)
  expect(answer.reply.content).toMatchObject({ status: 'ok' })
})

test('help and the list of magics know shell lines', async () => {
  const listed = await client.execute('%lsmagic')
  expect(JSON.stringify(listed.iopub)).toContain('%sh ')
  const help = await client.execute('%sh?')
  expect(JSON.stringify(help.iopub)).toContain('Usage: %sh COMMAND')
})
