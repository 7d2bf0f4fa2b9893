// `jupyterpost relay audit`: the audit trail of a relay, one line for each row.
import { parseArgv } from '../post/arguments/argv.ts'
import { UsageError } from '../post/arguments/usage-error.ts'
import type { Flag } from '../post/contract/flags.ts'
import type { AuditRow } from '../service/audit-reading.ts'
import { EXIT } from './command.ts'
import { DATABASE, databaseOf, refusing } from './relay-database.ts'

export const AUDIT_FLAGS: readonly Flag[] = [
  {
    name: '--since',
    value: 'TIME',
    description: 'from then on, as 2026-01-31 or 2026-01-31T08:00',
  },
  { name: '--person', value: 'NAME', description: 'only what this person did' },
  { name: '--post', value: 'ID', description: 'only what happened to this post' },
  { name: '--json', description: 'each row as a JSON object' },
]

/** @throws {PostError} */
export async function audit(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { words, flags } = parseArgv(argv, [...AUDIT_FLAGS, DATABASE])
  if (words.length > 0) throw new UsageError(`Unexpected ${words[0]}`)
  const filter = {
    since: sinceOf(flags.get('since')?.at(-1)),
    person: flags.get('person')?.at(-1),
    post: flags.get('post')?.at(-1),
  }
  const { auditRows } = await import('../service/audit-reading.ts')
  const { printable } = await import('../service/log-text.ts')
  const form = flags.has('json') ? asJson : asText
  // A reader that has seen enough, such as head, closes the pipe.
  process.stdout.on('error', () => process.exit(EXIT.accepted))
  await refusing(() => {
    for (const row of auditRows(databaseOf(flags, env), filter))
      process.stdout.write(`${printable(form(row))}\n`)
  })
  return EXIT.accepted
}

/** @throws {UsageError} */
function sinceOf(text: string | undefined): number {
  if (text === undefined) return 0
  const since = Date.parse(text)
  if (Number.isNaN(since))
    throw new UsageError(`--since: expected a time such as 2026-01-31T08:00, got ${text}`)
  return since
}

function asJson({ at, ...row }: AuditRow): string {
  return JSON.stringify({ at: timeOf(at), ...row })
}

function asText({ at, deed, person, times, ...more }: AuditRow): string {
  const often = times === 1 ? '' : ` x${times}`
  const shown = Object.entries(more).filter(([name]) => name !== 'n')
  const pairs = shown.map(([name, value]) => `${name}=${quoted(value)}`)
  return [`${timeOf(at)} ${deed}${often}`, `person=${quoted(person ?? '')}`, ...pairs].join(' ')
}

function timeOf(at: string | number | undefined): string {
  return new Date(Number(at)).toISOString()
}

function quoted(value: string | number): string {
  return typeof value === 'number' || /^[\w@~.:/-]+$/.test(value)
    ? String(value)
    : JSON.stringify(value)
}
