// `%run FILE.ipynb`, through the whole kernel.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
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
  folder = dirname(kernel.file)
  client = await new Client(kernel.connection).connect()
  mkdirSync(join(folder, 'lib'))
})

afterAll(async () => {
  client.close()
  await kernel.close()
})

type Source = string | string[] | { text: string }

/** Cells of code; `{ text }` is one of Markdown. */
function write(name: string, cells: Source[], language = 'typescript'): void {
  const notebook = {
    nbformat: 4,
    nbformat_minor: 5,
    metadata: { kernelspec: { language }, language_info: { name: language } },
    cells: cells.map((source) =>
      typeof source === 'object' && 'text' in source
        ? { cell_type: 'markdown', metadata: {}, source: source.text }
        : { cell_type: 'code', metadata: {}, outputs: [], execution_count: 3, source },
    ),
  }
  writeFileSync(join(folder, name), JSON.stringify(notebook))
}

async function ran(code: string): Promise<Answer> {
  const answer = await client.execute(code)
  expect(answer.reply.content).toMatchObject({ status: 'ok' })
  return answer
}

async function failed(code: string): Promise<{ ename: unknown; evalue: unknown; text: string }> {
  const { content } = (await client.execute(code)).reply
  expect(content['status']).toBe('error')
  const traceback = content['traceback']
  const lines = Array.isArray(traceback) ? traceback.map(String) : []
  const text = stripVTControlCharacters(lines.join('\n'))
  return { ename: content['ename'], evalue: content['evalue'], text }
}

test('its cells run in order, as if they were typed here', async () => {
  write('lib/all.ipynb', [
    { text: '# All' },
    ['const first: number = 1\n', 'console.log("one", first)'],
    '   ',
    'enum Kind { A = 4 }\nfunction second() { return first + Kind.A }\nsecond()',
    'const first = await Promise.resolve(2)\n%pwd',
    '%%sh\necho shell',
    '// said\nfor (const n of [1]) {\n  %time second()\n}\ndisplay("shown")',
  ])
  const answer = await ran('// All of it.\n%run lib/all.ipynb\n')
  const text = textOf(answer)
  expect(text.startsWith(`one 1\n${folder}\nshell\n`)).toBe(true)
  expect(text).toContain('Wall time')
  expect(bundles(answer, 'execute_result')).toEqual([])
  expect(JSON.stringify(bundles(answer, 'display_data'))).toContain('shown')
  expect(bundles(await ran('[first, second()]'), 'execute_result')).toEqual([
    { 'text/plain': '[ 2, 6 ]' },
  ])
})

test('an error ends it, and names its cell and line', async () => {
  write('bad.ipynb', [
    { text: 'First' },
    'const before = 1',
    'const x = 1\n\nfunction fails(value: any) { return value.y }\nfails(undefined)',
    'const after = 1',
  ])
  const { ename, text } = await failed('%run bad.ipynb')
  expect(ename).toBe('TypeError')
  expect(text).toContain('at cell 3 of bad.ipynb, line 3, in fails')
  expect(text).toContain('at cell 3 of bad.ipynb, line 4')
  expect(text).toContain('> 3 | function fails(value: any) { return value.y }')
  expect(bundles(await ran('[typeof before, typeof after]'), 'execute_result')).toEqual([
    { 'text/plain': "[ 'number', 'undefined' ]" },
  ])
  const later = await failed('fails(null)')
  expect(later.text).toContain('at cell 3 of bad.ipynb, line 3, in fails')
})

test('a cell that does not parse is named too, and those before it have run', async () => {
  write('wrong.ipynb', ['const ok = 1', 'let a = 1\nlet b = = 2'])
  const { ename, text } = await failed('%run wrong.ipynb')
  expect(ename).toBe('SyntaxError')
  expect(text).toContain('at cell 2 of wrong.ipynb, line 2, column 9')
  expect(text).toContain('> 2 | let b = = 2')
  expect(bundles(await ran('ok'), 'execute_result')).toEqual([{ 'text/plain': '1' }])
})

test('a notebook may run another one, but not itself', async () => {
  write('inner.ipynb', ['const inner = 5'])
  write('outer.ipynb', ['%run inner.ipynb', 'const outer = inner + 1'])
  await ran('%run outer.ipynb')
  expect(bundles(await ran('outer'), 'execute_result')).toEqual([{ 'text/plain': '6' }])
  write('a.ipynb', ['%run b.ipynb'])
  write('b.ipynb', ['%run a.ipynb'])
  expect((await failed('%run a.ipynb')).evalue).toBe(`${join(folder, 'a.ipynb')} runs itself`)
  // Another cell may run it again.
  await ran('%run outer.ipynb')
})

test('below %%time and %%post it is timed and posted', async () => {
  write('print.ipynb', ['console.log("printed")'])
  expect(textOf(await ran('%%time\n%run print.ipynb'))).toMatch(/^printed\nWall time/)
  const posted = await ran('%%post --preview lab\n%run print.ipynb')
  expect(JSON.stringify(bundles(posted).at(-1))).toContain('printed')
})

test('an interrupt ends all of it', async () => {
  write('spins.ipynb', ['console.log("spins")\nwhile (true);', 'const never = 1'])
  const id = await client.send('execute_request', { code: '%run spins.ipynb' })
  await client.until(
    ({ header, parent }) => header.msg_type === 'stream' && parent['msg_id'] === id,
  )
  await client.ask('interrupt_request', {}, 'control')
  const { reply } = await client.answer(id)
  expect(reply.content).toMatchObject({ status: 'error', ename: 'KeyboardInterrupt' })
  expect(bundles(await ran('typeof never'), 'execute_result')).toEqual([
    { 'text/plain': "'undefined'" },
  ])
})

test('Tab offers notebooks', async () => {
  const { reply } = await client.ask('complete_request', { code: '%run ou', cursor_pos: 7 })
  expect(reply.content['matches']).toEqual(['outer.ipynb'])
})

test.each([
  ['%run none.ipynb', 'There is no file'],
  ['%run python.ipynb', 'is a notebook of python, not of TypeScript'],
  ['%run text.ipynb', 'is no notebook: it is no JSON'],
  ['%run old.ipynb', 'is no notebook of version 4'],
  ['%run null.ipynb', 'is no notebook of version 4'],
  ['%run folder.ipynb', 'is a folder'],
  ['%run inner.ipynb one', 'A notebook takes no arguments, got one'],
  ['1\n%run inner.ipynb', 'stands alone in its cell'],
])('%j is a mistake', async (code, message) => {
  write('python.ipynb', ['def f(): pass'], 'python')
  writeFileSync(join(folder, 'text.ipynb'), 'nothing')
  writeFileSync(join(folder, 'null.ipynb'), 'null')
  writeFileSync(join(folder, 'old.ipynb'), '{"nbformat":3,"worksheets":[]}')
  mkdirSync(join(folder, 'folder.ipynb'), { recursive: true })
  const { ename, evalue } = await failed(code)
  expect(ename).toBe('UsageError')
  expect(evalue).toContain(message)
})
