// The table of magics as a person meets it: names, help, what was probably meant, and the lines of
// the history.
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Client } from '../helpers/client.ts'
import { spawnKernel } from '../helpers/kernel.ts'
import type { Spawned } from '../helpers/kernel.ts'
import { bundles, textOf } from '../helpers/shown.ts'
import { magicTable } from '../../src/magics/index.ts'

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

async function evalue(code: string): Promise<unknown> {
  const { reply } = await client.execute(code)
  expect(reply.content).toMatchObject({ status: 'error', ename: 'UsageError' })
  return reply.content['evalue']
}

const lines = [...magicTable([]).values()].filter(({ line }) => line).map(({ name }) => `%${name}`)
const cells = [...magicTable([]).values()].filter(({ cell }) => cell).map(({ name }) => `%%${name}`)

test.each([...lines, ...cells])(
  '%s has the same help by ? before, ? after and --help',
  async (name) => {
    const usage = expect.stringContaining(`Usage: ${name}`)
    for (const code of [`${name}?`, `?${name}`, `${name} --help`]) {
      const answer = await client.execute(code)
      expect(answer.reply.content).toMatchObject({ status: 'ok' })
      expect(bundles(answer)).toEqual([expect.objectContaining({ 'text/plain': usage })])
    }
  },
)

test('%magic explains magics and lists them all', async () => {
  const [bundle] = bundles(await client.execute('%magic'))
  for (const name of [...lines, ...cells]) expect(JSON.stringify(bundle)).toContain(`${name} `)
})

test.each([
  ['%histry 3', '%history'],
  ['%pdw', '%pwd'],
  ['%%bsh\nls', '%%bash'],
  ['%%markdwn\n# x', '%%markdown'],
])('%j names what is near', async (code, near) => {
  expect(await evalue(code)).toMatch(new RegExp(`; near it are (?:\\S+, )*${near}\\b`))
})

test.each([
  ['%bash ls', '%%bash'],
  ['%%pwd\n1', '%pwd'],
])('%j is the other kind of magic', async (code, other) => {
  expect(await evalue(code)).toContain(`; there is ${other}. %lsmagic lists`)
})

test('a name that is like none has no neighbours', async () => {
  expect(await evalue('%%abracadabra\n1')).toBe(
    'There is no magic %%abracadabra. %lsmagic lists them all',
  )
})

test('%history and %recall find lines of this session', async () => {
  const own = await spawnKernel()
  const other = await new Client(own.connection).connect()
  const execute = async (code: string) => {
    const answer = await other.execute(code, { store_history: true })
    expect(answer.reply.content).toMatchObject({ status: 'ok' })
    return answer
  }
  try {
    await execute('const a = 1')
    await execute('a + 1')
    await execute('// three')
    expect(textOf(await execute('%history'))).toBe('const a = 1\na + 1\n// three\n%history\n')
    expect(textOf(await execute('%history -n 1-2'))).toBe('1: const a = 1\n2: a + 1\n')
    expect(textOf(await execute('%history -o 2 1'))).toBe('a + 1\n2\nconst a = 1\n')
    expect(textOf(await execute('%history -l 1 -n'))).toBe('7: %history -l 1 -n\n')
    expect(textOf(await execute('%history -g thr'))).toMatch(/^\d+\/3: \/\/ three\n/)
    expect((await execute('%recall')).reply.content['payload']).toEqual([
      { source: 'set_next_input', text: '%history -g thr', replace: false },
    ])
    expect((await execute('%recall 1-2')).reply.content['payload']).toEqual([
      { source: 'set_next_input', text: 'const a = 1\na + 1', replace: false },
    ])
    const { reply } = await other.execute('%history x-y')
    expect(reply.content['evalue']).toContain('Expected lines like 4, 4-6 or ~1/7, got x-y')
  } finally {
    other.close()
    await own.close()
  }
})
