// Markdown and HTML that a cell displayed -> blocks: images inside markdown become files, and HTML
// stays as it is, because the relay reads it.
import type { Block, Limits } from '../../../post/contract/schema.ts'
import { simpleTable } from './html-table-for-older-relays.ts'

export interface InlineImage {
  type: 'image'
  bytes: Uint8Array
  mimetype: string
  extension: string
  alt: string
}

/** `![alt](data:image/png;base64,`; the rest of the image is read from its end. */
const DATA_IMAGE = /!\[([^\][]*)\]\(\s*<?data:image\/(png|jpeg|gif|webp);base64,/g
const BASE64 = /[A-Za-z0-9+/=\s]+/y
/** The end of an image, with an optional title. */
const IMAGE_END = />?\s*(?:"[^"]*"\s*)?\)/y

/** Splits markdown into text and the `data:` images in it. */
export function markdownBlocks(
  markdown: string,
): Array<Extract<Block, { type: 'markdown' }> | InlineImage> {
  const parts: Array<Extract<Block, { type: 'markdown' }> | InlineImage> = []
  let end = 0
  const pushText = (text: string): void => {
    if (text.trim() === '') return
    parts.push({ type: 'markdown', text: text.replace(/^ {0,3}(?=\S)|^\n+/, '').trimEnd() })
  }
  for (const { 0: head, 1: alt = '', 2: format = 'png', index } of markdown.matchAll(DATA_IMAGE)) {
    const base64 = matchAt(BASE64, markdown, index + head.length)
    const close = matchAt(IMAGE_END, markdown, index + head.length + base64.length)
    if (base64 === '' || close === '') continue
    pushText(markdown.slice(end, index))
    end = index + head.length + base64.length + close.length
    parts.push({
      type: 'image',
      bytes: Buffer.from(base64, 'base64'),
      mimetype: `image/${format}`,
      extension: format === 'jpeg' ? 'jpg' : format,
      alt,
    })
  }
  pushText(markdown.slice(end))
  return parts
}

/** What a sticky pattern matches at this index; empty if nothing. */
function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}

/** HTML as it is, with its text/plain unless both are the same. */
export function htmlBlock(html: string, plain: string, limits: Pick<Limits, 'html'>): Block {
  const table = limits.html === true ? undefined : simpleTable(html)
  if (table) return { type: 'table', ...table }
  return { type: 'html', html, text: plain === html ? '' : plain }
}
