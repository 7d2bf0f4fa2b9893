// What a file is, by its bytes. What the sender says about it is not trusted.
import type { PostFile } from '../../post/contract/schema.ts'
import { isOnDisk } from '../storage/bytes.ts'
import type { RelayFile } from '../storage/bytes.ts'
import { rootOf } from '../../post/text/svg-root.ts'

/** More than the prolog of any SVG that a program writes. */
export const MOST_PROLOG_BYTES = 256 * 1024

/** What is on the disk has the type that its bytes had when it came. */
export function isSvg({ bytes, mimetype }: Pick<RelayFile, 'bytes' | 'mimetype'>): boolean {
  if (mimetype === 'image/svg+xml' || isOnDisk(bytes)) return mimetype === 'image/svg+xml'
  const head = textOf(bytes.subarray(0, MOST_PROLOG_BYTES))
  const root = rootOf(head)
  // A root element farther away counts as SVG: no browser gets it, and the parser decides.
  if (root === 'out of sight') return bytes.byteLength > MOST_PROLOG_BYTES
  return root === 'svg'
}

/** Whether it is a JSON text whose `$schema` is that of Vega or Vega-Lite. */
export function isVega({ bytes }: Pick<PostFile, 'bytes'>): boolean {
  if (!/^\s*\{/.test(textOf(bytes.subarray(0, 4096)))) return false
  return /"\$schema"\s*:\s*"https?:\/\/vega\.github\.io\/schema\/vega(?:-lite)?\//.test(
    textOf(bytes),
  )
}

/** Whether its type is that of a bitmap, so not SVG. */
export function isBitmap({ mimetype }: Pick<PostFile, 'mimetype'>): boolean {
  return mimetype.startsWith('image/') && mimetype !== 'image/svg+xml'
}

/** Whether it begins as a PDF does. */
export function isPdf({ bytes }: Pick<PostFile, 'bytes'>): boolean {
  return textOf(bytes.subarray(0, 5)) === '%PDF-'
}

/** Decodes UTF-8, or UTF-16 with a byte order mark, as for XML. The mark is dropped. */
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
