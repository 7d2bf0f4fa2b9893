// What a file is, from its bytes: the sender's word for it is not asked.
import type { PostFile } from '../../post/schema.ts'

const HEAD_BYTES = 4096

export function isSvg({ bytes, mimetype }: Pick<PostFile, 'bytes' | 'mimetype'>): boolean {
  if (mimetype === 'image/svg+xml') return true
  return /^\uFEFF?\s*(?:<\?[^>]*\?>\s*|<!--[\s\S]*?-->\s*|<!DOCTYPE\s[^>[]*(?:\[[^\]]*\]\s*)?>\s*)*<(?:\w+:)?svg[\s>]/i.test(
    head(bytes),
  )
}

/** A JSON text whose `$schema` is Vega's or Vega-Lite's. */
export function isVega({ bytes }: Pick<PostFile, 'bytes'>): boolean {
  if (!/^\uFEFF?\s*\{/.test(head(bytes))) return false
  return /"\$schema"\s*:\s*"https?:\/\/vega\.github\.io\/schema\/vega(?:-lite)?\//.test(
    textOf(bytes),
  )
}

/** A bitmap by its type; SVG is none. */
export function isBitmap({ mimetype }: Pick<PostFile, 'mimetype'>): boolean {
  return mimetype.startsWith('image/') && mimetype !== 'image/svg+xml'
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

function head(bytes: Uint8Array): string {
  return textOf(bytes.subarray(0, HEAD_BYTES))
}
