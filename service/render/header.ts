// The first line of every post: who, from which notebook and cell, how it ended, how long it took. The relay writes it, so nobody
// can post in another's name; it pings nobody (post-spec, "How it looks").
import type { Source } from '../../post/schema.ts'
import { escapeInline } from './escape.ts'
import { muteMentions } from './mentions.ts'

/** The original's `BOT_SIGNATURE`; it says nothing that the bot's own name does not say, so it is not shown. */
export const DEFAULT_SIGNATURE = '(via jupyterpost)'

export interface Heading {
  /** Hub user (locally the OS user) who posts. */
  who: string
  source: Source
  /** The admin's `BOT_SIGNATURE`, follows the name unless it is the default. */
  signature?: string | undefined
}

/** `**alice** · train.ipynb · In [12] · 3 min 12 s`, as markdown. */
export function firstLine({ who, source, signature }: Heading): string {
  return headingParts({ who, source, signature })
    .map(({ kind, text }) => {
      if (kind === 'signature') return ` ${text}`
      if (kind === 'cell') return ` · ${text}`
      const escaped = muteMentions(escapeInline(text))
      if (kind === 'who') return `**${escaped}**`
      return ` · ${kind === 'status' ? `*${escaped}*` : escaped}`
    })
    .join('')
}

export interface HeadingPart {
  kind: 'who' | 'signature' | 'notebook' | 'cell' | 'status' | 'duration'
  text: string
}

/** What the first line says, in order, before a dialect prints it. */
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
