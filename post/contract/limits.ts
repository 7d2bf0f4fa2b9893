// Checks before sending whether a relay will take a post. Each refusal names the limit and the
// size.
import limits from './limits.json' with { type: 'json' }
import { PostError } from './error.ts'
import { textOutsideTags } from './html-text.ts'
import type { Block, Limits, PostContent } from './schema.ts'

const { counted } = limits

/** @throws {PostError} `too_large` */
export function checkLimits(post: PostContent, most: Limits): void {
  if (post.files.length > most.files) {
    throw tooLarge(`${post.files.length} files; the relay takes ${most.files} in one post`)
  }
  for (const { name, bytes } of post.files) {
    if (bytes.byteLength > most.fileBytes) {
      throw tooLarge(
        `${name} has ${size(bytes.byteLength)}; the relay takes files of up to ${size(most.fileBytes)}`,
      )
    }
  }
  const text = countedBytes(post.blocks, most)
  if (text > most.textBytes) {
    throw tooLarge(
      `${size(text)} of text; the relay takes up to ${size(most.textBytes)}, attach it as a file`,
    )
  }
  const html = htmlBytes(post.blocks)
  if (html > mostHtml(most)) {
    throw tooLarge(
      `${size(html)} of HTML; the relay takes up to ${size(mostHtml(most))}, attach it as a file`,
    )
  }
  const cells = cellsOf(post.blocks)
  if (cells > MOST_CELLS) {
    throw tooLarge(
      `${cells} cells of tables; the relay takes up to ${MOST_CELLS}, attach them as a file`,
    )
  }
  // Each part of the body has headers and a boundary, a few hundred bytes.
  const parts = (post.files.length + 1) * counted.part
  const whole = post.files.reduce(
    (sum, { bytes }) => sum + bytes.byteLength,
    manifestBytes(post) + parts,
  )
  if (whole > most.postBytes) {
    throw tooLarge(
      `${size(whole)} in all; the relay takes up to ${size(most.postBytes)} in one post`,
    )
  }
}

/**
 * Most cells and rows in all tables of a post. A chat shows a few hundred, and each is an object in
 * memory.
 */
export const MOST_CELLS = counted.cells

export function cellsOf(blocks: readonly Block[]): number {
  let cells = 0
  for (const block of blocks) {
    if (block.type === 'choices') cells += block.choices.length
    if (block.type !== 'table') continue
    cells += block.columns.length + block.rows.length
    for (const row of block.rows) cells += row.length
  }
  return cells
}

/** Most bytes of HTML, markup included, in a post. */
export function mostHtml(most: Pick<Limits, 'textBytes'>): number {
  return most.textBytes * counted.htmlShare
}

export function htmlBytes(blocks: readonly Block[]): number {
  return blocks.reduce((sum, block) => sum + (block.type === 'html' ? deepBytes(block.html) : 0), 0)
}

/**
 * The bytes that a relay with these limits counts. A relay that does not read HTML when a post
 * comes counts the markup too.
 */
export function countedBytes(blocks: readonly Block[], { html }: Pick<Limits, 'html'>): number {
  return html === true ? textBytes(blocks) : wholeBytes(blocks)
}

/**
 * Size of all text in the blocks, which client and relay count in the same way: UTF-8 bytes, 6 for
 * a control character, 32 for each block and 1 for each cell of a table. JSON, in which a post is
 * sent, stored and shown, writes a control character in 6 bytes, except tabs and line ends. Blocks
 * count so that even empty ones are limited. HTML counts the text outside its tags or its
 * text/plain, whichever is more: only one of them is shown.
 */
export function textBytes(blocks: readonly Block[]): number {
  return bytesOf(blocks, (block) => {
    if (block.type !== 'html') return wholeOf(block)
    return Math.max(deepBytes(textOutsideTags(block.html)), deepBytes(block.text))
  })
}

/** With all markup of HTML. */
export function wholeBytes(blocks: readonly Block[]): number {
  return bytesOf(blocks, wholeOf)
}

function bytesOf(blocks: readonly Block[], count: (block: Block) => number): number {
  return blocks.reduce((sum, block) => sum + counted.block + count(block), 0)
}

function wholeOf({ type: _type, ...content }: Block): number {
  return Object.values(content).reduce<number>((sum, value) => sum + deepBytes(value), 0)
}

function deepBytes(value: unknown): number {
  if (typeof value === 'string')
    return Buffer.byteLength(value) + (counted.controlCharacter - 1) * controls(value)
  if (!Array.isArray(value)) return 0
  return value.reduce<number>((sum, item) => sum + deepBytes(item), value.length)
}

function controls(text: string): number {
  const first = text.search(CONTROL)
  if (first === -1) return 0
  let count = 0
  for (let index = first; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < SPACE && code !== TAB && code !== LF && code !== CR) count += 1
  }
  return count
}

const [TAB, LF, CR, SPACE] = [0x09, 0x0a, 0x0d, 0x20]
/** Those that count; few texts have one, and searching is faster than counting. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\0-\x08\v\f\x0e-\x1f]/

function manifestBytes(post: PostContent): number {
  return Buffer.byteLength(JSON.stringify({ ...post, files: undefined }))
}

function tooLarge(what: string): PostError {
  return new PostError('too_large', `The post is too large: ${what}`)
}

function size(bytes: number): string {
  return bytes < 1024 * 1024
    ? `${Math.ceil(bytes / 1024)} KB`
    : `${(bytes / 1024 / 1024).toFixed(1)} MB`
}
