// The table of libraries in docs/posting.md, between two marks.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../helpers/clone.ts'
import { captured, cells, readRecording } from './recordings.ts'
import type { Cell, Recording } from './recordings.ts'
import { startSite } from './site.ts'
import type { Shown } from './shown.ts'

const DOCUMENT = join(root, 'docs/posting.md')
const BEGIN = '<!-- libraries -->'
const END = '<!-- /libraries -->'

export interface Row {
  library: string
  version: string
  mattermost: Shown
  inbox: Shown
}

/** Posts all recordings. */
export async function rowsOf(python: string, folder?: string): Promise<Row[]> {
  await using site = await startSite()
  const wanted = cells()
  const posts = captured(wanted, python, folder)
  const rows: Row[] = []
  for (const cell of wanted) {
    const post = posts.get(cell.stem)
    if (!post) throw new Error(`${cell.stem} has no recording`)
    rows.push(rowOf(cell, readRecording(cell.stem, folder), await site.shown(post)))
  }
  return rows
}

function rowOf(
  { library }: Cell,
  { version }: Recording,
  shown: Pick<Row, 'mattermost' | 'inbox'>,
): Row {
  return { library, version, ...shown }
}

/** Lines of cells. */
export function tableOf(rows: readonly Row[]): string[][] {
  return [
    ['library', 'version', 'on Mattermost', 'in the inbox', 'its text begins'],
    ...rows.map(({ library, version, mattermost, inbox }) => [
      library,
      version,
      mattermost.kinds.join(', '),
      inbox.kinds.join(', '),
      code(mattermost.words),
    ]),
  ]
}

function code(words: string): string {
  if (words === '') return ''
  const text = words.replaceAll('|', '\\|')
  return words.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}

export function documentedTable(): string[][] {
  const text = readFileSync(DOCUMENT, 'utf8')
  const lines = text
    .slice(text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END))
    .trim()
    .split('\n')
  return lines
    .filter((_, n) => n !== 1)
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    )
}

/** As `prettier` formats it. */
export function documentTable(table: readonly string[][]): void {
  const [head = [], ...rows] = table
  const widths = head.map((_, n) => Math.max(3, ...table.map((row) => (row[n] ?? '').length)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, n) => cell.padEnd(widths[n] ?? 0)).join(' | ')} |`
  const rule = line(widths.map((width) => '-'.repeat(width)))
  const text = readFileSync(DOCUMENT, 'utf8')
  const before = text.slice(0, text.indexOf(BEGIN) + BEGIN.length)
  const after = text.slice(text.indexOf(END))
  writeFileSync(
    DOCUMENT,
    `${before}\n\n${[line(head), rule, ...rows.map(line)].join('\n')}\n\n${after}`,
  )
}
