// `%types`: its three states, what a cell's errors delay and what they do not, and where they never
// appear.
import { stripVTControlCharacters } from 'node:util'
import { afterEach, expect, test } from '@jest/globals'
import type { Answer, Client } from '../helpers/client.ts'
import { textOf } from '../helpers/shown.ts'
import { closeAll, start } from '../helpers/started.ts'
import { TYPES, complete, executeChecked, untilTyped } from '../helpers/typing.ts'
import { until } from '../../../test/helpers/until.ts'

afterEach(closeAll)

const saidBy = (answer: Answer) => stripVTControlCharacters(textOf(answer, 'stderr'))

async function started(env: NodeJS.ProcessEnv = TYPES): Promise<Client> {
  const { client } = await start({ env })
  if (env['JUPYTERPOST_TYPES'] !== 'off') await untilTyped(client)
  return client
}

test('%types error: a cell with type errors does not run, and says why as for syntax errors', async () => {
  const client = await started()
  expect(textOf(await client.execute('%types'))).toMatch(/^types: warn - /)
  await client.execute('globalThis.runs = 0')
  expect(textOf(await client.execute('%types error'))).toMatch(/^types: error - /)
  const { reply, iopub } = await client.execute(`runs += 1
const n: number = 'x'
const m: string = 1`)
  expect(reply.content).toMatchObject({
    status: 'error',
    ename: 'TypeScriptError',
    evalue: "TS2322: Type 'string' is not assignable to type 'number'. (and 1 more)",
  })
  expect(iopub.map(({ header }) => header.msg_type)).toContain('error')
  const lines = reply.content['traceback']
  const traceback = stripVTControlCharacters(Array.isArray(lines) ? lines.join('\n') : '')
  expect(traceback).toContain(`error TS2322: Type 'string' is not assignable to type 'number'.
    at In [4], line 2, column 7
      1 | runs += 1
    > 2 | const n: number = 'x'
        |       ^
      3 | const m: string = 1
error TS2322`)
  expect(traceback).toMatch(/TypeScriptError: TS2322: Type 'string'.*\(and 1 more\)$/)
  // It did not run, and left no names; a cell without errors runs.
  const result = await client.execute('console.log(runs, typeof m)\nconst n = "new"')
  expect(result.reply.content['status']).toBe('error')
  expect(textOf(await client.execute('console.log(runs)'))).toBe('0\n')
  expect(textOf(await client.execute('%types off'))).toMatch(/^types: off - /)
  const off = await client.execute("const o: number = 'x'")
  expect([off.reply.content['status'], saidBy(off)]).toEqual(['ok', ''])
  const { texts } = await complete(client, 'const t: { kept: 1 } = null!; t.¦')
  expect(texts).toContain('kept')
})

test('%types: words are completed, a wrong one is refused', async () => {
  const client = await started({ JUPYTERPOST_TYPES: 'off' })
  expect((await complete(client, '%types ¦')).texts).toEqual(['warn', 'error', 'off'])
  const wrong = await client.execute('%types maybe')
  expect(wrong.reply.content).toMatchObject({ ename: 'UsageError' })
  expect(wrong.reply.content['evalue']).toContain('warn, error or off')
  const { reply } = await client.execute('%types warn')
  expect(reply.content['evalue']).toContain('JUPYTERPOST_TYPES=off')
})

test.each([
  ['off', 'ok', ''],
  ['error', 'error', ''],
  ['warn', 'ok', 'TS2322'],
])('JUPYTERPOST_TYPES=%s holds for all notebooks', async (value, status, said) => {
  const { client } = await start({ env: { JUPYTERPOST_TYPES: value, NO_COLOR: '1' } })
  // The first cell of a kernel, before anything else was asked.
  const cell = "const n: number = 'x'"
  const answer = await (value === 'warn' ? executeChecked(client, cell) : client.execute(cell))
  expect(answer.reply.content['status']).toBe(status)
  expect(textOf(answer, 'stderr')).toContain(said)
  // NO_COLOR counts.
  expect(textOf(answer, 'stderr')).not.toContain('\u001b')
})

test('the reply does not wait for the errors; the end of the cell does', async () => {
  const client = await started()
  const id = await client.send('execute_request', { code: "const n: number = 'x'" })
  await client.answer(id)
  const order = client.received
    .filter(({ parent }) => parent['msg_id'] === id)
    .map(({ header, content }) =>
      content['execution_state'] === 'idle' ? 'idle' : header.msg_type,
    )
  expect(order).toContain('execute_reply')
  expect(order).toContain('stream')
  expect(order.indexOf('stream')).toBeLessThan(order.indexOf('idle'))
})

test('Run All: each cell gets its own errors, with the names of the cells before it', async () => {
  const client = await started()
  const ids: string[] = []
  for (let i = 0; i < 30; i++) {
    const code = `let value = ${i % 2 === 0 ? i : `'${i}'`}\nconst n${i}: ${i % 3 === 0 ? 'boolean' : 'string | number'} = value`
    ids.push(await client.send('execute_request', { code }))
  }
  for (const id of ids) await client.answer(id)
  const errorsOf = (id: string) =>
    client.received
      .filter(({ parent, header }) => parent['msg_id'] === id && header.msg_type === 'stream')
      .map(({ content }) => stripVTControlCharacters(String(content['text'])))
      .join('')
  const expected = ids.filter((_, i) => i % 3 === 0)
  await until(() => expected.every((id) => errorsOf(id) !== ''), 'each wrong cell has its error')
  for (const [i, id] of ids.entries()) {
    const type = i % 2 === 0 ? 'number' : 'string'
    expect([i, errorsOf(id)]).toEqual([
      i,
      i % 3 === 0
        ? expect.stringContaining(
            `error TS2322: Type '${type}' is not assignable to type 'boolean'.`,
          )
        : '',
    ])
  }
})

test('at most five errors are shown, with the count of the others', async () => {
  const client = await started()
  const code = Array.from({ length: 12 }, (_, i) => `const n${i}: number = 'x'`).join('\n')
  const text = saidBy(await client.execute(code))
  expect(text.match(/error TS2322/g)).toHaveLength(5)
  expect(text.trimEnd().split('\n').at(-1)).toBe('and 7 more type errors')
})

test('a post never has them', async () => {
  const client = await started()
  const answer = await client.execute(`%%post lab --preview
console.log('shown')
const n: number = 'x'`)
  expect(saidBy(answer)).toContain('line 3, column 7')
  const preview = JSON.stringify(
    answer.iopub.filter(({ header }) => header.msg_type === 'display_data'),
  )
  expect(preview).toContain('shown')
  expect(preview).not.toContain('TS2322')
})

test('a cell that does not parse, and a silent one, have no type errors', async () => {
  const client = await started()
  expect(saidBy(await client.execute("const n: number = 'x'; const"))).toBe('')
  expect(saidBy(await client.execute("const n: number = 'x'", { silent: true }))).toBe('')
  expect(saidBy(await client.execute("const n: number = 'x'", { store_history: false }))).toBe('')
})
