// Reads expected.json.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const Complete = z.object({
  texts: z.array(z.string()),
  count: z.number().optional(),
  details: z.record(z.string(), z.string()).optional(),
})
const Inspect = z.object({ text: z.array(z.string()) })
const Signature = z.object({ label: z.string().optional(), parameter: z.string().optional() })
const Diagnostics = z.object({ errors: z.array(z.string()) })
const Table = z.record(z.string(), z.record(z.string(), z.unknown()))

const table = Table.parse(
  JSON.parse(readFileSync(join(import.meta.dirname, 'expected.json'), 'utf8')),
)

/** TypeScript's answers to the questions of one scenario. */
export function expectations(scenario: string) {
  const rows = table[scenario] ?? {}
  return {
    complete: (cell: string) => Complete.parse(rows[`complete ${cell}`]),
    inspect: (cell: string) => Inspect.parse(rows[`inspect ${cell}`]),
    signature: (cell: string) => Signature.parse(rows[`signature ${cell}`]),
    diagnostics: (cell: string) => Diagnostics.parse(rows[`diagnostics ${cell}`]),
  }
}
