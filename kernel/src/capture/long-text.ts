// Text that is too long for a post's blocks. Its first lines and more of its last ones are shown,
// and all of it becomes a file; of even longer text the file has the first and last half MB
// (docs/spec.md 2.5).
import limits from '../../../post/contract/limits.json' with { type: 'json' }
import type { Block } from '../../../post/contract/schema.ts'
import { firstBytes, inWords, lastBytes } from './bytes.ts'

const { headLines, headBytes, tailLines, tailBytes } = limits.capture

/** Blocks whose text can go on in a file. */
export type LongBlock = Extract<
  Block,
  { type: 'text' | 'code' | 'markdown' | 'latex' | 'error' | 'notice' }
>

/** Extension of the file. */
export const EXTENSIONS: Readonly<Record<LongBlock['type'], string>> = {
  text: 'txt',
  code: 'txt',
  markdown: 'md',
  latex: 'tex',
  error: 'txt',
  notice: 'txt',
}

export function isLong(block: Block): block is LongBlock {
  return block.type in EXTENSIONS
}

/** Whether something is left out where only the ends of a text of this size are shown. */
export function hasEnds(bytes: number): boolean {
  return bytes > headBytes + tailBytes
}

export function wholeText(block: LongBlock): string {
  if (block.type !== 'error') return block.text
  return `${block.name}: ${block.message}\n${block.traceback}`
}

/** The block with the ends of its text. Half a formula or half a document is shown as source. */
export function endsOf(block: LongBlock): Block {
  switch (block.type) {
    case 'error':
      return { ...block, message: ends(block.message), traceback: ends(block.traceback) }
    case 'markdown':
    case 'latex': {
      const language = block.type === 'latex' ? 'tex' : 'markdown'
      return { type: 'code', language, text: ends(block.text) }
    }
    default:
      return { ...block, text: ends(block.text) }
  }
}

function ends(text: string): string {
  const head = firstBytes(text.split('\n', headLines).join('\n'), headBytes)
  const rest = text.slice(head.length)
  const tail = lastBytes(rest.split('\n').slice(-tailLines).join('\n'), tailBytes)
  const between = rest.slice(0, rest.length - tail.length)
  if (between.trim() === '') return text
  return `${head.trimEnd()}\n\n… ${inWords(Buffer.byteLength(between))} left out …\n\n${tail.replace(/^\n+/, '')}`
}

export interface LongText {
  bytes: Uint8Array
  /** How much is left out of the file, in words. */
  cut: string | undefined
}

/** @param most - Most bytes of text in the file, as UTF-8. */
export function longText(text: string, most: number): LongText {
  const size = Buffer.byteLength(text)
  if (size <= most) return { bytes: Buffer.from(text), cut: undefined }
  const [start, end] = [firstBytes(text, most / 2), lastBytes(text, most / 2)]
  const cut = inWords(size - Buffer.byteLength(start) - Buffer.byteLength(end))
  return { bytes: Buffer.from(`${start}\n\n… ${cut} left out …\n\n${end}`), cut }
}
