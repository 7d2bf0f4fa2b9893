// The table in docs/magics.md is that of the magics, without those that post. UPDATE_MAGICS=1
// writes it anew.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { Client } from '../helpers/client.ts'
import { spawnKernel } from '../helpers/kernel.ts'
import { textOf } from '../helpers/shown.ts'
import { magicRows } from '../../../test/helpers/flag-table.ts'
import { magicTable } from '../../src/magics/index.ts'

const PAGE = join(import.meta.dirname, '../../../docs/magics.md')
const TABLE = /(?<=<!-- magics -->\n\n)[^]*?(?=\n\n<!-- \/magics -->)/

test('docs/magics.md lists the magics with their flags, as help does', () => {
  const text = readFileSync(PAGE, 'utf8')
  const rows = magicRows(magicTable([]))
  if (process.env['UPDATE_MAGICS'])
    writeFileSync(
      PAGE,
      text.replace(TABLE, () => rows),
    )
  expect(TABLE.exec(readFileSync(PAGE, 'utf8'))?.[0]).toBe(rows)
})

test('the example of docs/magics.md works as it stands', async () => {
  const kernel = await spawnKernel()
  const client = await new Client(kernel.connection).connect()
  try {
    const example = /```ts\n([^]*?)```/.exec(readFileSync(PAGE, 'utf8'))?.[1] ?? ''
    expect((await client.execute(example)).reply.content).toMatchObject({ status: 'ok' })
    expect(textOf(await client.execute('%shout -t 2 hello'))).toBe('HELLO\nHELLO\n')
    expect(textOf(await client.execute('%%shout\nbelow'))).toBe('BELOW\n')
    const { reply } = await client.ask('complete_request', { code: '%shout he', cursor_pos: 9 })
    expect(reply.content['matches']).toEqual(['hello', 'help'])
  } finally {
    client.close()
    await kernel.close()
  }
})
