// What a file is, from its bytes: the sender's word for it is not asked.
import type { PostFile } from '../../post/contract/schema.ts'

/** Longer than any prolog that a program writes. */
const MOST_PROLOG_BYTES = 256 * 1024

export function isSvg({ bytes, mimetype }: Pick<PostFile, 'bytes' | 'mimetype'>): boolean {
  if (mimetype === 'image/svg+xml') return true
  const head = textOf(bytes.subarray(0, MOST_PROLOG_BYTES))
  const root = rootStart(head)
  // A root out of sight may be any: then the parser that draws decides, and a browser never gets it.
  if (root === 'out of sight') return bytes.byteLength > MOST_PROLOG_BYTES
  return root !== undefined && isSvgTag(head, root)
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

/**
 * Index of the `<` of an XML document's first element. Each step goes on where the last one ended, so the time grows with the
 * length alone, whatever the text.
 *
 * @returns Undefined if the text is no XML; `out of sight` if it ends before that element.
 */
function rootStart(text: string): number | 'out of sight' | undefined {
  let at = 0
  for (;;) {
    at = skipSpace(text, at)
    if (at >= text.length) return at === 0 ? undefined : 'out of sight'
    const end = text.startsWith('<!--', at)
      ? after(text, '-->', at + 4)
      : text.startsWith('<?', at)
        ? after(text, '?>', at + 2)
        : /^<!doctype$/i.test(text.slice(at, at + 9))
          ? doctypeEnd(text, at + 9)
          : undefined
    if (end === undefined) return text[at] === '<' ? at : undefined
    if (end === -1) return 'out of sight'
    at = end
  }
}

/** `<svg`, `<s:svg`. */
function isSvgTag(text: string, start: number): boolean {
  const name = /^<([^\s<>/"'=]{1,100})[\s/>]/.exec(text.slice(start, start + 102))?.[1]
  return name?.slice(name.indexOf(':') + 1).toLowerCase() === 'svg'
}

/** Past the `>` of a document type, whose quotes, comments and `[…]` may hold others. @returns -1 if it never ends. */
function doctypeEnd(text: string, start: number): number {
  let inside = false
  for (let at = start; at < text.length; at++) {
    const character = text[at]
    if (character === '"' || character === "'") {
      at = text.indexOf(character, at + 1)
      if (at === -1) return -1
    } else if (text.startsWith('<!--', at)) {
      at = after(text, '-->', at + 4) - 1
      if (at < 0) return -1
    } else if (character === '[') inside = true
    else if (character === ']') inside = false
    else if (character === '>' && !inside) return at + 1
  }
  return -1
}

/** @returns The index behind the next `mark`, -1 if there is none. */
function after(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from)
  return found === -1 ? -1 : found + mark.length
}

/** XML's white space. */
function skipSpace(text: string, from: number): number {
  let at = from
  while (' \t\r\n'.includes(text[at] ?? 'x')) at++
  return at
}
