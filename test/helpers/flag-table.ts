// The table in docs/posting.md of flags and magics, made from the table of magics and laid out as
// prettier would.
import type { MagicTable } from '../../kernel/src/magics/magic.ts'
import type { Flag } from '../../post/contract/flags.ts'

export function flagTable(table: MagicTable): string {
  const magics = [...table.values()].flatMap(({ name, line, cell }) => [
    ...(line === undefined ? [] : [{ title: `%${name}`, flags: line.flags }]),
    ...(cell === undefined ? [] : [{ title: `%%${name}`, flags: cell.flags }]),
  ])
  const taking = magics.filter(({ flags }) => flags.length > 0)
  const flags = new Map(
    taking.flatMap((magic) => magic.flags.map((flag) => [names(flag), flag.description])),
  )
  return markdownTable(
    ['flag', ...taking.map(({ title }) => `\`${title}\``), 'what'],
    [...flags].map(([flag, what]) => [
      flag,
      ...taking.map((magic) => (magic.flags.some((its) => names(its) === flag) ? 'yes' : '')),
      what,
    ]),
  )
}

function names({ name, short, value }: Flag): string {
  const long = value === undefined ? name : `${name} ${value}`
  return [short, long]
    .filter((text) => text !== undefined)
    .map(inCode)
    .join(', ')
}

function inCode(text: string): string {
  return `\`${text.replaceAll('|', String.raw`\|`)}\``
}

/** `%history`, with its flags and what it does; a row for each magic and way to call it. */
export function magicRows(table: MagicTable): string {
  const rows = [...table.values()].flatMap(({ summary, line, cell }) =>
    [line, cell]
      .filter((one) => one !== undefined)
      .map(({ usage, flags }) => [inCode(usage), flags.map(names).join('; '), summary]),
  )
  return markdownTable(['magic', 'flags', 'what'], rows)
}

function markdownTable(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[], fill = ' ') =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width, fill)).join(' | ')} |`
  return [
    line(head),
    line(
      head.map(() => ''),
      '-',
    ),
    ...rows.map((row) => line(row)),
  ].join('\n')
}
