// What a file is, from its bytes: the sender's word for it is not asked.
import type { PostFile } from '../../post/contract/schema.ts'
import { rootOf } from '../../post/text/svg-root.ts'

/** Longer than any prolog that a program writes. */
const MOST_PROLOG_BYTES = 256 * 1024

export function isSvg({ bytes, mimetype }: Pick<PostFile, 'bytes' | 'mimetype'>): boolean {
  if (mimetype === 'image/svg+xml') return true
  const head = textOf(bytes.subarray(0, MOST_PROLOG_BYTES))
  const root = rootOf(head)
  // A root out of sight may be any: then the parser that draws decides, and a browser never gets it.
  if (root === 'out of sight') return bytes.byteLength > MOST_PROLOG_BYTES
  return root === 'svg'
}

/** A JSON text whose `$schema` is Vega's or Vega-Lite's. */
export function isVega({ bytes }: Pick<PostFile, 'bytes'>): boolean {
  if (!/^\s*\{/.test(textOf(bytes.subarray(0, 4096)))) return false
  return /"\$schema"\s*:\s*"https?:\/\/vega\.github\.io\/schema\/vega(?:-lite)?\//.test(
    textOf(bytes),
  )
}

/** A bitmap by its type; SVG is none. */
export function isBitmap({ mimetype }: Pick<PostFile, 'mimetype'>): boolean {
  return mimetype.startsWith('image/') && mimetype !== 'image/svg+xml'
}

/** UTF-8, or UTF-16 with its byte order mark, as XML has it; the mark is dropped. */
export function textOf(bytes: Uint8Array): string {
  const [first, second] = bytes
  const encoding =
    first === 0xff && second === 0xfe
      ? 'utf-16le'
      : first === 0xfe && second === 0xff
        ? 'utf-16be'
        : 'utf-8'
  return new TextDecoder(encoding).decode(bytes)
}
