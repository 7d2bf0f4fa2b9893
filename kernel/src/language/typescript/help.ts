// What the checker knows about a place, as markdown and as plain text.
import type { MimeBundle } from '../../protocol/mimebundle.ts'
import type { Hover, Signature, SignatureHelp } from './messages.ts'
import { harmless, withoutModules } from './readable.ts'

const FENCE = '```'
/** What TypeScript tells about a name that nothing declares. */
const UNKNOWN = `${FENCE}typescript\nany\n${FENCE}`
/** Overloads shown at most. */
const OVERLOADS = 5

export function helpText(hover: Hover | null, help: SignatureHelp | null): string | undefined {
  const about = hover ? withoutAlias(hover.contents.value).trim() : ''
  const parts = [about === UNKNOWN ? '' : about, signatures(help)]
  const text = parts
    .filter((part) => part !== '')
    .map((part) => harmless(withoutModules(part)))
    .join('\n\n')
  return text === '' ? undefined : text
}

/** UTF-16 units of a value that are shown. */
const LONGEST_VALUE = 1000

export interface More {
  /** Of the runtime, if there is one. */
  value?: string | undefined
  /** What was written, if it was asked for. */
  source?: string | undefined
}

export function bundleOf(markdown: string, { value, source }: More): MimeBundle {
  const blocks = [
    ...(source === undefined ? [] : [{ language: 'typescript', text: source }]),
    ...(value === undefined ? [] : [{ language: '', text: shortened(value) }]),
  ]
  const shown = blocks.map(({ language, text }) => fenced(text, language))
  return {
    'text/plain': [plain(markdown), ...blocks.map(({ text }) => text)].join('\n\n'),
    'text/markdown': [markdown, ...shown].join('\n\n'),
  }
}

function shortened(value: string): string {
  return value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}\n…` : value
}

/** No text ends its own block. */
function fenced(text: string, language: string): string {
  let fence = FENCE
  while (text.includes(fence)) fence += '`'
  return `${fence}${language}\n${text}\n${fence}`
}

/** Names of earlier cells are imports only to the checker. */
function withoutAlias(markdown: string): string {
  return markdown
    .split('\n')
    .map((line) => (line.startsWith('(alias) ') ? line.slice('(alias) '.length) : line))
    .join('\n')
}

function signatures(help: SignatureHelp | null): string {
  if (!help || help.signatures.length === 0) return ''
  const active = help.activeSignature ?? 0
  const first = help.signatures[active]
  if (!first) return ''
  const others = help.signatures.filter((_, index) => index !== active).slice(0, OVERLOADS - 1)
  const lines = [first, ...others].map(({ label }) => label)
  const left = help.signatures.length - lines.length
  if (left > 0) lines.push(`// and ${left} more`)
  return [
    `${FENCE}typescript\n${lines.join('\n')}\n${FENCE}`,
    parameterText(first, first.activeParameter ?? help.activeParameter),
    first.documentation?.value.trim() ?? '',
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

/** The parameter that the cursor is at, marked. */
function parameterText({ parameters = [] }: Signature, active: number | undefined): string {
  const parameter = active === undefined ? undefined : parameters[active]
  if (!parameter) return ''
  const about = parameter.documentation?.value.trim() ?? ''
  return `**\`${parameter.label}\`**${about === '' ? '' : ` ${about.startsWith('-') ? '' : '- '}${about}`}`
}

/** Markdown for those who see it as text. */
function plain(markdown: string): string {
  return markdown
    .split('\n')
    .filter((line) => !line.startsWith(FENCE))
    .map((line) =>
      line
        .replaceAll('**', '')
        .replaceAll('\\<', '<')
        .replace(/\*(@\w+)\*/, '$1'),
    )
    .join('\n')
    .trim()
}
