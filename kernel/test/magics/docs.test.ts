// The table in docs/magics.md is that of the magics, without those that post. UPDATE_MAGICS=1
// writes it anew.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
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
