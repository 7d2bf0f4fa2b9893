// %time, %timeit and their cell magics through the whole kernel: what they print, what the code
// declares and results in, and where its errors are.
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Client } from '../helpers/client.ts'
import { spawnKernel } from '../helpers/kernel.ts'
import type { Spawned } from '../helpers/kernel.ts'
import { bundles, textOf } from '../helpers/shown.ts'
import { duration } from '../../src/runtime/child/stopwatch.ts'
import { resultText } from '../../src/runtime/child/timeit-result.ts'

let kernel: Spawned
let client: Client

beforeAll(async () => {
  kernel = await spawnKernel()
  client = await new Client(kernel.connection).connect()
  await client.execute(
    'const sleep = (ms: number) => new Promise<string>((done) => setTimeout(done, ms, `slept ${ms}`))\n' +
      'let runs = 0',
  )
})

afterAll(async () => {
  client.close()
  await kernel.close()
})

const TIME = String.raw`(?:\d+(?:\.\d+)? (?:s|ms|μs|ns)|\d+min(?: \d+s)?)`
const TIMES = new RegExp(
  `^CPU times: user ${TIME}, sys: ${TIME}, total: ${TIME}\nWall time: ${TIME}\n$`,
)
const result = (answer: Parameters<typeof bundles>[0]) => bundles(answer, 'execute_result')

test.each([
  ['%time 1 + 1', '2'],
  ['%time await sleep(1)', "'slept 1'"],
  // A promise is waited for, as the last value of a cell is.
  ['%time sleep(1)', "'slept 1'"],
  ['const a = 20\n%time a * 2;', '40'],
  ['%time -5 + 3', '-2'],
  ['%time [1, 2].map((n: number) => n * 2) // twice', '[ 2, 4 ]'],
  ['%%time\nlet b = 3\nb * 2', '6'],
  ['%%time\nawait sleep(1)', "'slept 1'"],
])('%j prints the times and results in %s', async (code, text) => {
  const answer = await client.execute(code)
  expect(answer.reply.content).toMatchObject({ status: 'ok' })
  expect(textOf(answer)).toMatch(TIMES)
  expect(result(answer)).toEqual([expect.objectContaining({ 'text/plain': text })])
})

test('the time is the one that the code took', async () => {
  const answer = await client.execute('%time await sleep(120)')
  const [, ms] = /Wall time: (\d+(?:\.\d+)?) ms/.exec(textOf(answer)) ?? []
  expect(Number(ms)).toBeGreaterThanOrEqual(119)
  const cell = await client.execute('%%time\nawait sleep(120)')
  expect(textOf(cell)).toMatch(
    /Wall time: 1[12]\d(?:\.\d+)? ms|Wall time: [1-9]\d\d ms|Wall time: \d(?:\.\d+)? s/,
  )
})

test.each([
  ['%time 1;;', []],
  ['%time 1\n2', [expect.objectContaining({ 'text/plain': '2' })]],
  ['%time const c: number = 7', []],
])('%j shows %j', async (code, shown) => {
  const answer = await client.execute(code)
  expect(textOf(answer)).toMatch(TIMES)
  expect(result(answer)).toEqual(shown)
})

test('names that %time or %%time declares belong to the notebook', async () => {
  await client.execute('%time const d = await sleep(2), { e } = { e: 5 }')
  await client.execute('%%time\nfunction twice(n: number) { return n * 2 }')
  expect(result(await client.execute('[d, twice(e)]'))).toEqual([
    expect.objectContaining({ 'text/plain': "[ 'slept 2', 10 ]" }),
  ])
})

test('inside a function %time sees its names, and runs at once even if nothing can wait', async () => {
  const answer = await client.execute(
    'function inner(k: number) {\n  const seen: number[] = []\n  %time seen.push(k)\n  return seen\n}\ninner(4)',
  )
  expect(textOf(answer)).toMatch(TIMES)
  expect(result(answer)).toEqual([expect.objectContaining({ 'text/plain': '[ 4 ]' })])
  const body = await client.execute(
    'if (runs < 0)\n  %time runs = NaN\nelse\n  %time const one = 1',
  )
  expect(body.reply.content).toMatchObject({ status: 'ok' })
})

test.each([
  ['1\n%time absent()', 2, '%time absent()'],
  ['%time await Promise.resolve().then(() => absent())', 1, '%time await'],
  ['%time const x = absent()', 1, '%time const x'],
  ['%%time\n1\nabsent()', 3, 'absent()'],
  ['// first\n%%timeit -n 1\n1\nabsent()', 4, 'absent()'],
  ['%timeit -r 1 absent()', 1, '%timeit -r 1 absent()'],
])('an error in %j is on line %i of the cell', async (code, line, shown) => {
  const answer = await client.execute(code)
  expect(answer.reply.content).toMatchObject({ status: 'error', ename: 'ReferenceError' })
  const traceback = stripVTControlCharacters(String(answer.reply.content['traceback']))
  expect(traceback).toContain(`line ${line}`)
  expect(traceback).toContain(`> ${line} | ${shown}`)
  if (!/timeit|const/.test(code)) expect(textOf(answer)).toMatch(TIMES)
})

test.each([
  ['%time let = 1', '> 1 | %time let = 1'],
  ['1\n%timeit f(', '> 2 | %timeit f('],
  ['%%timeit\n1\nlet = 1', '> 3 | let = 1'],
  ['%%time\n1 +', '> 2 | 1 +'],
])('%j does not parse, and is shown as typed', async (code, frame) => {
  const { reply } = await client.execute(code)
  expect(reply.content).toMatchObject({ status: 'error', ename: 'SyntaxError' })
  expect(stripVTControlCharacters(String(reply.content['traceback']))).toContain(frame)
})

test.each([
  ['%time', 'Expected code behind %time'],
  ['%timeit -n 5', 'Expected code behind %timeit'],
  ['%timeit -n none 1', '--loops takes a number from 1 to 1000000000, not none'],
  ['%timeit -n 1 -r 999999999 1', '--repeat takes a number from 1 to 10000, not 999999999'],
  ['%%time 1 + 1\n2', 'The code for %%time is in the lines below it'],
])('%j is a mistake', async (code, evalue) => {
  const { reply } = await client.execute(code)
  expect(reply.content).toMatchObject({ status: 'error', ename: 'UsageError' })
  expect(reply.content['evalue']).toContain(evalue)
})

const per = (counts: string) =>
  new RegExp(
    `^(?:The slowest run .*\n)?${TIME} ± ${TIME} per loop \\(mean ± std\\. dev\\. of ${counts} each\\)\n$`,
  )

test.each([
  ['%timeit -n 10 -r 3 runs += 1', '3 runs, 10 loops', 31],
  ['%timeit -n1000 -r1 runs += 1', '1 run, 1,000 loops', 1001],
  ['%timeit --loops=2 --repeat 2 await sleep(1); runs += 1', '2 runs, 2 loops', 5],
  ['%timeit -n 2 -r 2 (runs += 1, sleep(1))', '2 runs, 2 loops', 5],
  ['%timeit -n 3 -r 1 const n = 1; runs += n', '1 run, 3 loops', 4],
  ['%%timeit -n 4 -r 1\nconst n = 1\nruns += n', '1 run, 4 loops', 5],
  [
    '%%timeit -n 1 -r 2 const step = await sleep(1).then(() => 2)\nruns += step',
    '2 runs, 1 loop',
    6,
  ],
  ['%%timeit -n 1 -r 1\nawait sleep(1)\nruns += 1', '1 run, 1 loop', 2],
])('%j prints the figures of %s, and runs it as often', async (code, counts, count) => {
  await client.execute('runs = 0')
  const answer = await client.execute(code)
  expect(answer.reply.content).toMatchObject({ status: 'ok' })
  expect(textOf(answer)).toMatch(per(counts))
  expect(result(answer)).toEqual([])
  expect(result(await client.execute('runs'))).toEqual([
    expect.objectContaining({ 'text/plain': String(count) }),
  ])
  const { reply } = await client.execute('typeof n + typeof step')
  expect(reply.content).toMatchObject({ status: 'ok' })
})

test('%timeit finds out how many loops take long enough', async () => {
  expect(textOf(await client.execute('%timeit -r 2 runs += 1'))).toMatch(
    per(
      String.raw`2 runs, 1(?:0{2})?(?:,0{3}){2} loops|2 runs, 1,?0{2},?0{3},?0* loops|2 runs, [\d,]+ loops`,
    ),
  )
  expect(textOf(await client.execute('%timeit -r 1 await sleep(210)'))).toMatch(
    per('1 run, 1 loop'),
  )
})

test.each([
  '%timeit runs += 1e-9 * Math.sin(runs)',
  '%timeit -n 100000 await sleep(1)',
  '%%time\nfor (;;);',
])('%j is ended by an interrupt', async (code) => {
  const id = await client.send('execute_request', { code })
  await client.until(
    ({ header, parent }) => header.msg_type === 'execute_input' && parent['msg_id'] === id,
  )
  await client.ask('interrupt_request', {}, 'control')
  const { reply } = await client.answer(id)
  expect(reply.content).toMatchObject({ status: 'error', ename: 'KeyboardInterrupt' })
  expect(result(await client.execute('1 + 1'))).toEqual([
    expect.objectContaining({ 'text/plain': '2' }),
  ])
})

test.each([
  '%%time\n%%post --preview lab\nconsole.log("seen")',
  '%%post --preview lab\n%%time\nconsole.log("seen")',
])('both magics of %j do their work', async (code) => {
  const answer = await client.execute(code)
  expect(answer.reply.content).toMatchObject({ status: 'ok' })
  expect(textOf(answer).replace('seen\n', '')).toMatch(TIMES)
  const preview = JSON.stringify(bundles(answer).at(-1))
  expect(preview).toContain('seen')
  expect(preview).toContain('Wall time')
})

test('%%time above a script tells its time by the clock', async () => {
  expect(textOf(await client.execute('%%time\n%%sh\necho done'))).toMatch(
    /^done\nWall time: \d+(?:\.\d+)? s\n$/,
  )
})

test.each([
  [0, '0 ns'],
  [1.5e-9, '1.5 ns'],
  [0.00000123456, '1.23 μs'],
  [0.0009999, '1000 μs'],
  [0.001, '1 ms'],
  [0.0214, '21.4 ms'],
  [1, '1 s'],
  [59.94, '59.9 s'],
  [60, '1min'],
  [3723.9, '1h 2min 3s'],
])('%d s are %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text)
})

test('the figures are those of IPython', () => {
  expect(resultText([2, 4], 1_000_000)).toBe(
    '3 ns ± 1 ns per loop (mean ± std. dev. of 2 runs, 1,000,000 loops each)\n',
  )
  expect(resultText([10, 90], 1)).toMatch(
    /^The slowest run took 9\.00 times longer than the fastest/,
  )
})
