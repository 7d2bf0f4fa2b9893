// The first line of every message of a post: who; in the first message also which notebook and
// cell, how it ended, how long it took. The relay writes it, so nobody can post in another's name;
// it pings nobody (docs/spec.md 2.2).
import type { Source } from '../../post/contract/schema.ts'
import { isInvisible } from './decode.ts'
import { escapeInline } from './escape.ts'
import { muteMentions } from './mentions.ts'

/** The original's `BOT_SIGNATURE`; not shown, since the bot's name says it already. */
const DEFAULT_SIGNATURE = '(via jupyterpost)'

export interface Heading {
  /** Hub user (locally the OS user) who posts. */
  who: string
  source: Source
  /** The admin's `BOT_SIGNATURE`; follows the name unless it is the default. */
  signature?: string | undefined
}

/** `**alice** · train.ipynb · In [12] · 3 min 12 s`. A person's own bold line has no such dot. */
export function firstLine({ who, source, signature }: Heading): string {
  const parts = headingParts({ who, source, signature })
  const line = parts
    .map(({ kind, text }) => {
      if (kind === 'signature') return ` ${muteMentions(text.replace(/\s+/g, ' '))}`
      if (kind === 'cell') return ` · ${text}`
      if (kind === 'who') return bold(text)
      return ` · ${kind === 'status' ? `*${plain(text)}*` : plain(text)}`
    })
    .join('')
  const isBare = parts.every(({ kind }) => kind === 'who' || kind === 'signature')
  return isBare ? `${line} · via jupyterpost` : line
}

/** Begins each further message of a post: `**alice** · 2/3`. @param what - Our own markdown. */
export function laterLine(who: string, what: string): string {
  return `${bold(who)} · ${what}`
}

function bold(who: string): string {
  return `**${plain(who)}**`
}

/** Text as it is, on one line, without characters that turn it round or hide it. */
function plain(text: string): string {
  const visible = Array.from(text.replace(/[\s\u0085]+/g, ' '))
    .filter((character) => !isInvisible(character) && !/^\p{Cc}$/u.test(character))
    .join('')
  return muteMentions(escapeInline(visible.trim()))
}

export interface HeadingPart {
  kind: 'who' | 'signature' | 'notebook' | 'cell' | 'status' | 'duration'
  text: string
}

/** The parts of the first line, in order, before a dialect prints them. */
export function headingParts({ who, source, signature }: Heading): HeadingPart[] {
  const parts: HeadingPart[] = [{ kind: 'who', text: who }]
  if (signature !== undefined && signature !== '' && signature !== DEFAULT_SIGNATURE)
    parts.push({ kind: 'signature', text: signature })
  if (source.notebook !== undefined) parts.push({ kind: 'notebook', text: source.notebook })
  if (source.executionCount !== undefined)
    parts.push({ kind: 'cell', text: `In [${source.executionCount}]` })
  if (source.status === 'failed' || source.status === 'interrupted')
    parts.push({ kind: 'status', text: source.status })
  const duration = source.durationMs === undefined ? '' : formatDuration(source.durationMs)
  if (duration !== '') parts.push({ kind: 'duration', text: duration })
  return parts
}

/**
 * The two largest units of a duration, or '' below 1 s.
 *
 * @param ms - Milliseconds, at least 0.
 */
export function formatDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  const units = [
    [Math.floor(seconds / 86400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const
  const first = units.findIndex(([amount]) => amount > 0)
  if (first === -1) return ''
  return units
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ')
}
