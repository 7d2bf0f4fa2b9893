// Magics that a notebook makes with registerMagic, through the whole kernel.
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Client } from '../helpers/client.ts'
import type { Answer } from '../helpers/client.ts'
import { spawnKernel } from '../helpers/kernel.ts'
import type { Spawned } from '../helpers/kernel.ts'
import { bundles, textOf } from '../helpers/shown.ts'

let kernel: Spawned
let client: Client

beforeAll(async () => {
  kernel = await spawnKernel()
  client = await new Client(kernel.connection).connect()
  const answer = await client.execute(`import { registerMagic } from 'jupyterpost'
registerMagic('shout', {
  summary: 'Prints a text in capitals.',
  flags: {
    times: { short: 't', value: 'N', description: 'how often' },
    softly: { description: 'not in capitals' },
  },
  line({ line, flags }) {
    const text = flags.softly ? line : line.toUpperCase()
    for (let i = 0; i < Number(flags.times ?? 1); i++) console.log(text)
    return text.length
  },
  async cell({ line, body, flags }) {
    await null
    console.log(JSON.stringify({ line, body, flags }))
    return [body.length]
  },
})
registerMagic('fail', {
  summary: 'Fails.',
  line({ line }) {
    throw new RangeError(line)
  },
  cell: ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
})`)
  expect(answer.reply.content).toMatchObject({ status: 'ok' })
})

afterAll(async () => {
  client.close()
  await kernel.close()
})

const result = (answer: Answer) => bundles(answer, 'execute_result').map(plainText)

function plainText(data: unknown): unknown {
  return typeof data === 'object' && data !== null && Reflect.get(data, 'text/plain')
}

test.each([
  ['%shout it is  "so"', 'IT IS  "SO"\n', ['11']],
  ['%shout -t 2 a', 'A\nA\n', ['1']],
  ['%shout --times=2 --softly -- --x', '--x\n--x\n', ['3']],
  ['const what = "--softly"\n%shout ${what} ${Promise.resolve(1)}', '--SOFTLY 1\n', ['10']],
  ['%shout a\n1;;', 'A\n', []],
  ['for (const one of ["a", "b"]) {\n  %shout ${one}\n}', 'A\nB\n', []],
  ['["a"].forEach((one) => {\n  %shout ${one}\n})', 'A\n', []],
  [
    '%%shout -t 3 title ${1}\nlet x = `\\n`\n',
    '{"line":"title 1","body":"let x = `\\\\n`\\n","flags":{"times":"3"}}\n',
    ['[ 13 ]'],
  ],
])('%j prints %j and results in %j', async (code, text, value) => {
  const answer = await client.execute(code)
  expect(answer.reply.content).toMatchObject({ status: 'ok' })
  expect(textOf(answer)).toBe(text)
  expect(result(answer)).toEqual(value)
})

test('an error names the lines of both cells', async () => {
  const { reply } = await client.execute('1\n%fail too far')
  expect(reply.content).toMatchObject({ status: 'error', ename: 'RangeError', evalue: 'too far' })
  const text = stripVTControlCharacters(String(reply.content['traceback']))
  expect(text).toContain('In [1], line 22, in line')
  expect(text).toMatch(/In \[\d+\], line 2/)
})

test('the signal tells a magic that it is interrupted', async () => {
  const id = await client.send('execute_request', { code: '%%fail\nx' })
  await client.until(
    ({ header, parent }) => header.msg_type === 'execute_input' && parent['msg_id'] === id,
  )
  await client.ask('interrupt_request', {}, 'control')
  const { reply } = await client.answer(id)
  expect(reply.content).toMatchObject({ status: 'error', ename: 'KeyboardInterrupt' })
})

test('%%post above it posts what it prints', async () => {
  const answer = await client.execute('%%post --preview lab\n%%shout\nseen')
  expect(JSON.stringify(bundles(answer).at(-1))).toContain('seen')
})

test('it has help, is listed, completed and inspected like the others', async () => {
  const [help] = bundles(await client.execute('%shout?'))
  expect(help).toMatchObject({
    'text/plain':
      'Prints a text in capitals.\n\nUsage: %shout [flags] [TEXT]\n  -t, --times N  how often\n  --softly       not in capitals\n\n' +
      'Usage: %%shout [flags] [TEXT]\n  -t, --times N  how often\n  --softly       not in capitals',
  })
  expect(JSON.stringify(bundles(await client.execute('%lsmagic')))).toContain('%%shout ')
  const complete = async (code: string) =>
    (await client.ask('complete_request', { code, cursor_pos: code.length })).reply.content[
      'matches'
    ]
  expect(await complete('%sho')).toEqual(['shout'])
  expect(await complete('%shout --so')).toEqual(['--softly'])
  expect((await client.execute('%shuot x')).reply.content['evalue']).toContain('near it are %shout')
})

async function completed(code: string): Promise<Record<string, unknown>> {
  return (await client.ask('complete_request', { code, cursor_pos: code.length })).reply.content
}

describe('its function `complete`', () => {
  beforeAll(async () => {
    const { reply } = await client.execute(`
      globalThis.asked = []
      const flags = { size: { value: 'N', description: 'how large' } }
      const line = () => 1
      registerMagic('pick', { summary: 'x', flags, line, cell: () => 1, complete(words, cursor) {
        asked.push([words, cursor])
        return cursor === 0 ? ['fruit', 'flower'] : [words[0] + '-1', 'tree', 5, '', 'tree']
      } })
      registerMagic('later', { summary: 'x', line, complete: async () => (await null, ['a-b', 'a-c']) })
      registerMagic('many', { summary: 'x', line, complete: () => Array.from({ length: 9_000 }, (_, n) => 'n' + n) })
      registerMagic('broken', { summary: 'x', flags, line, complete() { throw new Error('no') } })
      registerMagic('never', { summary: 'x', line, complete: () => new Promise(() => {}) })
      registerMagic('spins', { summary: 'x', line, complete() { while (true); } })
      registerMagic('sly', { summary: 'x', line, complete: () => new Proxy([], { get() { while (true); } }) });;`)
    expect(reply.content).toMatchObject({ status: 'ok' })
  })

  test.each([
    ['%pick ', ['fruit', 'flower']],
    ['%pick fl', ['flower']],
    ['%%pick fr', ['fruit']],
    ['%pick fruit ', ['fruit-1', 'tree']],
    ['x = 1\n  %pick fruit t', ['tree']],
    ['%pick --s', ['--size']],
    ['%later a', ['a-b', 'a-c']],
    [
      '%many n899',
      [
        'n899',
        'n8990',
        'n8991',
        'n8992',
        'n8993',
        'n8994',
        'n8995',
        'n8996',
        'n8997',
        'n8998',
        'n8999',
      ],
    ],
    ['%broken ', []],
    ['%broken -', ['--size']],
    ['%never ', []],
    ['%spins ', []],
    ['%sly ', []],
  ])('for %j: %j', async (code, matches) => {
    const content = await completed(code)
    expect(content).toMatchObject({ status: 'ok', matches })
    expect((await client.execute('1 + 1')).reply.content).toMatchObject({ status: 'ok' })
  })

  test('replaces the typed word only, and is told which it is', async () => {
    await client.execute('asked.length = 0;;')
    expect(await completed('%pick fruit tr')).toMatchObject({ cursor_start: 12, cursor_end: 14 })
    expect(result(await client.execute('JSON.stringify(asked)'))).toEqual([
      `'[[["fruit","tr"],1]]'`,
    ])
  })

  test('offers the flags while a cell spins', async () => {
    const id = await client.send('execute_request', { code: 'while (true);' })
    await client.until(
      ({ header, parent }) => header.msg_type === 'execute_input' && parent['msg_id'] === id,
    )
    expect(await completed('%pick f')).toMatchObject({ status: 'ok', matches: [] })
    expect(await completed('%pick --')).toMatchObject({ matches: ['--size'] })
    await client.ask('interrupt_request', {}, 'control')
    const { reply } = await client.answer(id)
    expect(reply.content).toMatchObject({ ename: 'KeyboardInterrupt' })
  })
})

test('its name may have dashes and letters of any language', async () => {
  await client.execute(`
    for (const name of ['my-magic', 'größe'])
      registerMagic(name, { summary: 'Mine.', flags: { size: { description: 'x' } }, line: () => name });;`)
  for (const name of ['my-magic', 'größe']) {
    const code = `%${name} --s`
    const { reply } = await client.ask('complete_request', { code, cursor_pos: code.length })
    expect(reply.content).toMatchObject({ matches: ['--size'], cursor_start: code.length - 3 })
    const typed = `%${name.slice(0, 4)}`
    const names = await client.ask('complete_request', { code: typed, cursor_pos: typed.length })
    expect(names.reply.content).toMatchObject({ matches: [name], cursor_start: 1 })
    expect(JSON.stringify(bundles(await client.execute(`%${name}?`)))).toContain('Mine.')
    expect(result(await client.execute(`%${name}`))).toEqual([`'${name}'`])
  }
})

test.each([
  ['%shout --loud x', 'UsageError', 'Unknown flag --loud'],
  ['%shout -t', 'UsageError', '--times needs a value'],
  [
    "registerMagic('post', { summary: 'x', line() {} })",
    'UsageError',
    '%post is a magic of the kernel',
  ],
  [
    "registerMagic('a b', { summary: 'x', line() {} })",
    'UsageError',
    'the name of a magic is a word',
  ],
  ["registerMagic('ab', { summary: '', line() {} })", 'UsageError', '%ab needs a `summary`'],
  ["registerMagic('ab', { summary: 'x' })", 'TypeError', 'a magic needs a function'],
  [
    "registerMagic('ab', { summary: 'x', flags: { 'A b': { description: 'x' } }, line() {} })",
    'UsageError',
    'the name of a flag',
  ],
  [
    "registerMagic('ab', { summary: 'x', flags: { a: { description: 'x', short: 'ab' } }, line() {} })",
    'UsageError',
    'is one letter',
  ],
])('%j is a mistake', async (code, ename, evalue) => {
  const { reply } = await client.execute(code)
  expect(reply.content).toMatchObject({ status: 'error', ename })
  expect(reply.content['evalue']).toContain(evalue)
})

test('it may be made anew, also as a global name without an import', async () => {
  await client.execute("registerMagic('again', { summary: 'One.', line: () => 1 })")
  expect(result(await client.execute('%again'))).toEqual(['1'])
  await client.execute("registerMagic('again', { summary: 'Two.', cell: ({ body }) => body })")
  expect(result(await client.execute('%%again\ntwo'))).toEqual(["'two'"])
  expect((await client.execute('%again')).reply.content['evalue']).toContain('%again')
})

test('after the process of the cells has ended, it says what to do', async () => {
  await client.execute("registerMagic('lost', { summary: 'x', line: () => 1 })")
  await client.execute('process.exit(0)')
  const { reply } = await client.execute('%lost')
  expect(reply.content['evalue']).toBe(
    'the magic lost was registered in a process that has ended: run the cell with registerMagic again',
  )
})
