// Writes expected.json: what TypeScript says about one file with the content of the cells. Run
// `node kernel/test/language/cases/write.ts`, and read what changed: it must be what people want.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { format } from 'prettier'
import { expectationOf } from './expectation.ts'
import { openReference } from './reference.ts'
import { KINDS, cellOf } from './scenario.ts'
import { SCENARIOS } from './scenarios.ts'

const table: Record<string, Record<string, unknown>> = {}
for (const scenario of SCENARIOS) {
  await using reference = await openReference(scenario.files)
  const before = scenario.before.map((cell) => `${cell}\n;\n`).join('')
  const expected: Record<string, unknown> = {}
  for (const kind of KINDS) {
    for (const typed of scenario[kind] ?? []) {
      const file = typeof typed === 'string' ? `${before}${typed}` : typed.file
      const start = typeof typed === 'string' ? before.length : 0
      expected[`${kind} ${cellOf(typed)}`] = await expectationOf(kind, { file, start, reference })
    }
  }
  table[scenario.name] = expected
}
const options = { parser: 'json', printWidth: 100 }
writeFileSync(
  join(import.meta.dirname, 'expected.json'),
  await format(JSON.stringify(table), options),
)
