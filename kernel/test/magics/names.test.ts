// %who, %whos, %reset and %run through the whole kernel.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { Client } from '../helpers/client.ts'
import type { Answer } from '../helpers/client.ts'
import { spawnKernel } from '../helpers/kernel.ts'
import type { Spawned } from '../helpers/kernel.ts'
import { bundles, textOf } from '../helpers/shown.ts'

let kernel: Spawned
let client: Client
let folder: string

beforeAll(async () => {
  kernel = await spawnKernel()
  client = await new Client(kernel.connection).connect()
  folder = dirname(kernel.file)
  mkdirSync(join(folder, 'lib'))
})

afterAll(async () => {
  client.close()
  await kernel.close()
})

beforeEach(async () => {
  await shown('%reset -f')
})

async function shown(code: string): Promise<string> {
  const answer = await client.execute(code)
  expect(answer.reply.content).toEqual(expect.objectContaining({ status: 'ok' }))
  return textOf(answer)
}

const result = (answer: Answer) => bundles(answer, 'execute_result').map(plainText)

function plainText(data: unknown): unknown {
  return typeof data === 'object' && data !== null && Reflect.get(data, 'text/plain')
}

const DECLARE = `import { join } from 'node:path'
const n: number = 3
let text = 'x'.repeat(100)
class Point { x = 1; get y() { throw new Error('a getter ran') } }
const p = new Point()
function f() {}
var nothing = null
interface Gone {}
const trap = new Proxy({}, { get() { throw new Error('a trap ran') } })`

test('%who lists what cells declared, in order, and those of a type', async () => {
  expect(await shown('%who')).toBe('No cell has declared a name.\n')
  await shown(DECLARE)
  expect(await shown('%who')).toBe('join  n  text  Point  p  f  nothing  trap\n')
  expect(await shown('%who function number')).toBe('join  n  f\n')
  expect(await shown('%who bigint')).toBe('No name has this type.\n')
})

test('%whos shows types and values, and runs no code of them', async () => {
  await shown(DECLARE)
  const rows = (await shown('%whos')).split('\n')
  expect(rows[0]).toBe('Name     Type      Value')
  expect(rows).toContain('n        number    3')
  expect(rows).toContain('Point    class     [class Point]')
  expect(rows).toContain('nothing  null      null')
  expect(rows.find((row) => row.startsWith('text'))).toMatch(/^text {5}string {4}'x{68}…$/)
  expect(rows.find((row) => row.startsWith('p '))).toMatch(/^p {8}Point {5}Point \{ x: 1 \}$/)
  expect(rows.find((row) => row.startsWith('trap'))).toMatch(/^trap {5}Proxy/)
})

test('%reset -f removes names and results, and built-ins and names of the kernel are back', async () => {
  await shown('const a = 1, Map = 2\nlet post = 3\nfunction g() {}')
  await client.execute('a', { store_history: true })
  expect(await shown('%reset -f')).toBe('')
  expect(
    result(
      await client.execute(
        '[typeof a, typeof g, typeof Map, typeof post, Object.keys(Out).length, typeof _]',
      ),
    ),
  ).toEqual(["[ 'undefined', 'undefined', 'function', 'function', 0, 'undefined' ]"])
  await shown('const a = 2')
  expect(result(await client.execute('a'))).toEqual(['2'])
})

test('what the cell with %reset declares stays', async () => {
  await shown('const a = 1\nlet b = 1\nvar c = 1')
  await shown('function h() { return a }\n%reset -f\nconst a = 5\nvar c = 6')
  expect(result(await client.execute('[h(), c, typeof b]'))).toEqual(["[ 5, 6, 'undefined' ]"])
})

test.each([
  ['y', 'undefined', ''],
  ['', 'number', 'Nothing was removed.\n'],
])('%%reset asks, and the answer %j leaves a name as %s', async (said, type, text) => {
  await shown('const a = 1')
  const id = await client.send('execute_request', { code: '%reset', allow_stdin: true })
  const question = await client.until(
    ({ header, parent }) => header.msg_type === 'input_request' && parent['msg_id'] === id,
  )
  expect(question.content['prompt']).toContain('Remove all names')
  await client.send(
    'input_reply',
    { value: said, status: 'ok' },
    { channel: 'stdin', parent: question.header },
  )
  expect(textOf(await client.answer(id))).toBe(text)
  expect(result(await client.execute('typeof a'))).toEqual([`'${type}'`])
})

test('%reset where nobody can answer fails and removes nothing', async () => {
  await shown('const a = 1')
  const { reply } = await client.execute('%reset', { allow_stdin: false })
  expect(reply.content).toMatchObject({ status: 'error', ename: 'StdinNotAllowedError' })
  expect(result(await client.execute('a'))).toEqual(['1'])
})

test('%run runs a file anew each time, and binds what it exports', async () => {
  writeFileSync(join(folder, 'lib/part.ts'), 'export const part: string = "part"\n')
  writeFileSync(
    join(folder, 'lib/main.ts'),
    'import { part } from "./part.ts"\nenum Kind { A = 4 }\nconsole.log("runs", process.argv.slice(2))\n' +
      'const own = 1\nexport let count = own\nexport function bump() { count += Kind.A; return part }\nexport default 7\n',
  )
  expect(await shown('%run lib/main.ts one "two words"')).toBe("runs [ 'one', 'two words' ]\n")
  expect(
    result(await client.execute('[bump(), count, typeof own, process.argv.length < 3]')),
  ).toEqual(["[ 'part', 5, 'undefined', true ]"])
  expect(await shown('%run lib/main.ts')).toBe('runs []\n')
  expect(result(await client.execute('count'))).toEqual(['1'])
  expect(await shown('%who')).toBe('bump  count\n')
})

test('%run runs CommonJS anew too', async () => {
  writeFileSync(join(folder, 'lib/old.cjs'), 'console.log("runs"); exports.answer = 42\n')
  expect(await shown('%run lib/old.cjs')).toBe('runs\n')
  expect(await shown('%run lib/old.cjs')).toBe('runs\n')
  expect(result(await client.execute('answer'))).toEqual(['42'])
})

test('%run takes files with JSX', async () => {
  writeFileSync(join(folder, 'lib/label.tsx'), 'export const label = <b>hi</b>\n')
  await client.execute('%run lib/label.tsx')
  expect(result(await client.execute('String(label)'))).toEqual(["'<b>hi</b>'"])
})

test('an error of the file has its place', async () => {
  writeFileSync(join(folder, 'lib/bad.ts'), 'const a: number = 1\nnull!.x\nexport { a }\n')
  const { reply } = await client.execute('1\n%run lib/bad.ts')
  expect(reply.content).toMatchObject({ status: 'error', ename: 'TypeError' })
  const text = stripVTControlCharacters(String(reply.content['traceback']))
  expect(text).toContain(`${join(folder, 'lib/bad.ts')}:2:`)
  expect(text).toMatch(/In \[\d*\], line 2/)
  writeFileSync(join(folder, 'lib/wrong.ts'), 'const = 1\n')
  const wrong = (await client.execute('%run lib/wrong.ts')).reply
  expect(wrong.content).toMatchObject({ status: 'error', ename: 'SyntaxError' })
  expect(stripVTControlCharacters(String(wrong.content['traceback']))).toContain(
    `${join(folder, 'lib/wrong.ts')}:1`,
  )
})

test.each([
  ['%run', 'Expected the name of a file'],
  ['%run none.ts', 'There is no file'],
  ['%run lib', 'Expected a file that ends in'],
  ['%run kernel.json', 'Expected a file that ends in'],
  ['%reset all', '%reset takes no words'],
])('%j is a mistake', async (code, evalue) => {
  const { reply } = await client.execute(code)
  expect(reply.content).toMatchObject({ status: 'error', ename: 'UsageError' })
  expect(reply.content['evalue']).toContain(evalue)
})

test('%run is interrupted', async () => {
  writeFileSync(join(folder, 'lib/slow.ts'), 'console.log("began")\nawait new Promise(() => {})\n')
  const id = await client.send('execute_request', { code: '%run lib/slow.ts' })
  await client.until(
    ({ parent, content }) => parent['msg_id'] === id && content['text'] === 'began\n',
  )
  await client.ask('interrupt_request', {}, 'control')
  expect((await client.answer(id)).reply.content).toMatchObject({ ename: 'KeyboardInterrupt' })
})

test('files for %run are completed', async () => {
  const code = '%run lib/sl'
  const { reply } = await client.ask('complete_request', { code, cursor_pos: code.length })
  expect(reply.content['matches']).toEqual(['lib/slow.ts'])
})
