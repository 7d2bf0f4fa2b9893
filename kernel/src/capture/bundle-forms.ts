// The forms that an output has in its bundle, each undefined if it is missing, empty or of no use
// to a reader.
import { terminalText } from '../../../post/text/terminal-text.ts'
import { VALUE_TREE } from '../protocol/mimebundle.ts'
import { isFormula } from './bundle.ts'

type Bundle = Record<string, unknown>

/** LaTeX of a document, not of a formula, is shown only if there is nothing else. */
export function formulaOf(data: Bundle): string | undefined {
  const latex = textOf(data['text/latex'])
  return latex !== undefined && isFormula(latex) ? latex : undefined
}

/**
 * HTML, unless it is the tree that the runtime shows for a value: as text the same value looks
 * better in a chat.
 */
export function htmlOf(data: Bundle): string | undefined {
  const html = textOf(data['text/html'])
  return html?.startsWith(VALUE_TREE) === true ? undefined : html
}

/** `[image/png]`, which the kernel adds to a bundle without text, is of no use to a reader. */
export function plain(data: Bundle): string | undefined {
  const shown = textOf(data['text/plain'])
  if (shown === undefined || otherTypes(data).some((type) => shown === `[${type}]`))
    return undefined
  return terminalText(shown)
}

export function otherTypes(data: Bundle): string[] {
  return Object.keys(data).filter((type) => type !== 'text/plain')
}

/**
 * Text in a bundle: a string, or the list of lines that nbformat allows. Undefined if it is empty.
 */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  if (Array.isArray(value) && value.every((line) => typeof line === 'string')) return value.join('')
  return undefined
}

export function bytesOf(value: unknown): Uint8Array | undefined {
  const encoded = textOf(value)
  if (encoded === undefined) return undefined
  const bytes = Buffer.from(encoded, 'base64')
  return bytes.byteLength === 0 ? undefined : bytes
}
