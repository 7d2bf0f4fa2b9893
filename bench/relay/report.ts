// What `bench/relay` writes into docs/performance.md: one table of figures with the targets beside
// them, and one of the costs of operations.
import type { Accepting, Pair } from './accept.ts'
import type { Delivering, Restarting } from './deliver.ts'
import { OPERATIONS } from './flat.ts'
import type { Point } from './flat.ts'
import { sizes } from './sizes.ts'
import type { Uploading } from './uploads.ts'

export interface Results {
  accepting: Accepting
  delivering: Delivering
  restarting: Restarting
  uploading: Uploading
  flat: readonly Point[]
}

const BEGIN = '<!-- bench/relay: begin -->'
const END = '<!-- bench/relay: end -->'

/** The text with the figures between their markers. @throws {Error} without markers */
export function withFigures(text: string, results: Results, machine: string): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)]
  if (begin === -1 || end < begin) throw new Error(`Expected ${BEGIN} and ${END} in the document`)
  const figures = [machine, table(results), costs(results.flat)].join('\n\n')
  return `${text.slice(0, begin + BEGIN.length)}\n\n${figures}\n\n${text.slice(end)}`
}

function table({ accepting, delivering, restarting, uploading }: Results): string {
  const { one, many, waiting, delivering: beside, syncs } = accepting
  const kept = ratio(waiting) / ratio(many)
  const rows: string[][] = [
    ['', 'relay', 'yardstick', 'ratio', 'target'],
    ['---', '---', '---', '---', '---'],
    accepts('one client', one, 'at least 0.5'),
    accepts('32 clients', many, 'at least 0.33'),
    p99s('32 clients', many),
    accepts(`32 clients, ${number(sizes.waiting)} waiting`, waiting, ''),
    ['the same, beside none waiting', '', '', kept.toFixed(2), 'at least 0.8'],
    accepts('32 clients, inbox gets them meanwhile', beside, ''),
    [
      'deliveries into the inbox, a second',
      number(delivering.inbox),
      number(many.bare.perSecond),
      (delivering.inbox / many.bare.perSecond).toFixed(2),
      'at least 0.2',
    ],
    [
      'deliveries to a chat, 100 lanes, a second',
      number(delivering.chat),
      number(delivering.plain),
      (delivering.chat / delivering.plain).toFixed(2),
      'at least 0.9',
    ],
    [
      `restart to first delivery, ${number(sizes.waiting)} waiting`,
      `${number(restarting.firstMs)} ms`,
      '',
      '',
      'under 2,000 ms',
    ],
    ['memory until then', `${number(restarting.memory)} MB`, '', '', 'under 200 MB'],
    [
      `${sizes.uploads} uploads of ${sizes.uploadBytes / 1_000_000} MB at once`,
      `${number(uploading.most)} MB`,
      `${number(uploading.before)} MB before`,
      '',
      'under 250 MB',
    ],
    ['write of 2 KB and `fdatasync`, a second', '', number(syncs), '', ''],
  ]
  return rows.map((row) => `| ${row.join(' | ')} |`).join('\n')
}

function accepts(what: string, pair: Pair, target: string): string[] {
  const { relay, bare } = pair
  const figures = [number(relay.perSecond), number(bare.perSecond), ratio(pair).toFixed(2)]
  return [`accepted a second, ${what}`, ...figures, target]
}

function p99s(what: string, { relay, bare }: Pair): string[] {
  const times = (relay.p99 / bare.p99).toFixed(1)
  return [
    `p99, ${what}`,
    `${relay.p99.toFixed(1)} ms`,
    `${bare.p99.toFixed(1)} ms`,
    times,
    'at most 3',
  ]
}

function ratio({ relay, bare }: Pair): number {
  return relay.perSecond / bare.perSecond
}

function costs(points: readonly Point[]): string {
  const head = ['posts', ...OPERATIONS]
  const rows = points.map(({ rows: posts, ms }) => [
    number(posts),
    ...OPERATIONS.map((name) => `${ms[name].toFixed(3)} ms`),
  ])
  const lines = [head, head.map(() => '---'), ...rows]
  return lines.map((line) => `| ${line.join(' | ')} |`).join('\n')
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en')
}
