// Replaces the HTML of a post with tables, markdown and pictures. If it does not fit into a post or
// cannot be read, its text/plain is shown instead, with a notice.
import { isUtf8 } from 'node:buffer'

import { cellsOf, MOST_CELLS, textBytes } from '../../post/contract/limits.ts'
import type { Block, Limits, UntypedFile } from '../../post/contract/schema.ts'
import { isObjectName } from '../../post/text/object-name.ts'
import { styleSheetOf } from './alignment.ts'
import { maskTree } from './masking.ts'
import type { MaskPieces } from './masking.ts'
import { hasScripts, isForOthers, libraryOf } from './interactive.ts'
import type { HtmlPart } from './parts.ts'
import { readTree } from './reader.ts'
import { parseHtml, UnreadableHtml } from './tree.ts'
import type { RelayFile } from '../storage/bytes.ts'

export interface Content {
  blocks: Block[]
  files: RelayFile[]
}

export interface Reading {
  limits: Limits
  /** Gives a file a name and a type that match its bytes. */
  named: (file: UntypedFile) => Promise<RelayFile>
  /** Undefined if secrets are not masked. */
  mask: MaskPieces | undefined
}

type HtmlBlock = Extract<Block, { type: 'html' }>
type FilePart = Exclude<HtmlPart, Block>
type Attached = Extract<HtmlPart, { type: 'attached' }>

/** What a page inside HTML is called, unless a library is known. */
const PAGE = { what: 'Interactive page', stem: 'page' }
const SEE = 'see the notebook'
const NOTHING = `HTML without text, ${SEE}`
/** Notes on what is not shown are text too: further ones of a post are counted. */
const MOST_NOTES = 100

export async function withoutHtml(content: Content, reading: Reading): Promise<Content> {
  if (!content.blocks.some(({ type }) => type === 'html')) return content
  const reader = new ContentReader(content, reading)
  for (const block of content.blocks) await reader.add(block)
  reader.end()
  return { blocks: reader.blocks, files: reader.files }
}

/** @throws {UnreadableHtml} */
export function readHtml(html: string, mask?: MaskPieces): HtmlPart[] {
  const root = parseHtml(html)
  if (mask) maskTree(root, mask)
  return readTree(root, styleSheetOf(html))
}

class ContentReader {
  readonly blocks: Block[] = []
  readonly files: RelayFile[]
  readonly #reading: Reading
  #textLeft: number
  #cellsLeft: number
  #pictures = 0
  /** For each start of a name, how many files have it. */
  readonly #attached = new Map<string, number>()
  #notes = 0

  constructor({ blocks, files }: Content, reading: Reading) {
    this.files = [...files]
    this.#reading = reading
    const others = blocks.filter(({ type }) => type !== 'html')
    this.#textLeft = reading.limits.textBytes - textBytes(others)
    this.#cellsLeft = MOST_CELLS - cellsOf(others)
  }

  async add(block: Block): Promise<void> {
    if (block.type !== 'html') {
      this.blocks.push(block)
      return
    }
    try {
      const parts = readHtml(block.html, this.#reading.mask)
      if (parts.length === 0) this.#scripted(block)
      else await this.#parts(parts)
    } catch (error) {
      if (!(error instanceof UnreadableHtml)) throw error
      this.#instead(block, error.message)
    }
  }

  /** After the last block. */
  end(): void {
    const more = this.#notes - MOST_NOTES
    if (more > 0) {
      const what = more === 1 ? 'Another note' : `${more} more notes`
      this.blocks.push({ type: 'notice', text: `${what} on HTML that is not shown; ${SEE}` })
    }
    if (this.blocks.length === 0) this.#note(NOTHING)
  }

  /** @throws {UnreadableHtml} if it does not fit */
  async #parts(parts: readonly HtmlPart[]): Promise<void> {
    this.#take(parts.map((part) => (isFilePart(part) ? blockOf(0, part) : part)))
    /** What is left out and why -> how many. */
    const leftOut = new Map<string, { one: string; many: string; why: string; count: number }>()
    for (const part of parts) {
      if (!isFilePart(part)) {
        this.blocks.push(part)
        continue
      }
      const why = await this.#file(part)
      if (why === undefined) continue
      const [one, many] = part.type === 'attached' ? ['A file', 'files'] : ['A picture', 'pictures']
      const same = leftOut.get(one + why) ?? { one, many, why, count: 0 }
      leftOut.set(one + why, { ...same, count: same.count + 1 })
    }
    for (const { one, many, why, count } of leftOut.values()) {
      const what = count === 1 ? one : `${count} ${many}`
      this.#note(`${what} of the HTML left out: ${why}; ${SEE}`)
    }
  }

  /** @throws {UnreadableHtml} if it is more than is left */
  #take(blocks: readonly Block[]): void {
    const bytes = textBytes(blocks)
    const cells = cellsOf(blocks)
    if (bytes > this.#textLeft)
      throw new UnreadableHtml('its text is more than the relay takes in one post')
    if (cells > this.#cellsLeft)
      throw new UnreadableHtml(`its tables have more than ${MOST_CELLS} cells and rows`)
    this.#textLeft -= bytes
    this.#cellsLeft -= cells
  }

  /** @returns Why it is left out; undefined if it is shown. */
  async #file(part: FilePart): Promise<string | undefined> {
    const { files, fileBytes } = this.#reading.limits
    if (this.files.length >= files) return `the relay takes ${files} files in one post`
    const bytes = bytesOf(part)
    if (bytes.byteLength > fileBytes) return `the relay takes files of up to ${fileBytes} bytes`
    if (part.type === 'attached') {
      await this.#attach(part, bytes)
      return undefined
    }
    const file = await this.#reading.named({ name: nameOf(part, ++this.#pictures), bytes })
    if (part.type !== 'plot' && !file.mimetype.startsWith('image/')) return 'unknown format'
    this.blocks.push(blockOf(this.files.push(file) - 1, part))
    return undefined
  }

  /** Attaches what its bytes are, whatever the HTML says. */
  async #attach({ stem }: Attached, bytes: Uint8Array): Promise<void> {
    if (stem === 'page') {
      const text = pageText(bytes)
      const { what, stem: start } = libraryOf(text) ?? PAGE
      const page = { mimetype: 'text/html', bytes: Buffer.from(text) }
      // Not named by its bytes: a page may begin with anything.
      const file = { name: `${this.#numbered(start)}.html`, ...page }
      this.blocks.push({ type: 'file', file: this.files.push(file) - 1 })
      this.#note(`${what} attached: open ${file.name} in a browser`)
      return
    }
    const file = await this.#reading.named({ name: this.#numbered(stem), bytes })
    const type = file.mimetype.startsWith('image/') ? 'image' : 'file'
    this.blocks.push({ type, file: this.files.push(file) - 1 })
  }

  #numbered(stem: string): string {
    const number = (this.#attached.get(stem) ?? 0) + 1
    this.#attached.set(stem, number)
    return `${stem}-${number}`
  }

  /** HTML of which nothing can be seen: by its text, and by what its scripts would draw. */
  #scripted(block: HtmlBlock): void {
    const { html } = block
    const library = libraryOf(html)
    const text = isObjectName(block.text) ? '' : block.text
    if (text.trim() !== '' && text !== html) {
      this.#instead({ ...block, text }, undefined)
      if (library) this.#note(`${library.what}, ${SEE}`)
    } else if (!isForOthers(html)) {
      if (library || hasScripts(html)) this.#note(`${library?.what ?? 'Interactive HTML'}, ${SEE}`)
      else this.#note(NOTHING)
    }
  }

  /** @param why - Why the HTML could not be shown; undefined if there is nothing to show. */
  #instead({ html, text }: HtmlBlock, why: string | undefined): void {
    const plain: Block = { type: 'text', text, stream: 'result' }
    const hasText = text.trim() !== '' && text !== html && textBytes([plain]) <= this.#textLeft
    if (hasText) {
      this.#take([plain])
      this.blocks.push(plain)
      if (why !== undefined) this.#note(`HTML is shown in a simpler form: ${why}`)
    } else this.#note(why === undefined ? NOTHING : `HTML left out: ${why}; ${SEE}`)
  }

  #note(text: string): void {
    if (++this.#notes > MOST_NOTES) return
    this.blocks.push({ type: 'notice', text })
  }
}

/**
 * As a browser reads it. In another encoding than UTF-8 it would not be masked; the mark says which
 * one it is now, whatever the page says.
 */
function pageText(bytes: Uint8Array): string {
  if (isUtf8(bytes)) return Buffer.from(bytes).toString()
  const mark = Buffer.from(bytes.subarray(0, 2)).toString('hex')
  const encoding = { fffe: 'utf-16le', feff: 'utf-16be' }[mark] ?? 'windows-1252'
  return `\ufeff${new TextDecoder(encoding).decode(bytes)}`
}

function isFilePart(part: HtmlPart): part is FilePart {
  return ['svg', 'picture', 'plot', 'attached'].includes(part.type)
}

function bytesOf(part: FilePart): Uint8Array {
  if (part.type === 'svg') return Buffer.from(part.svg)
  return part.type === 'plot' ? Buffer.from(part.spec) : part.bytes
}

/** Those of plots end as those that a kernel sends. */
function nameOf(part: FilePart, number: number): string {
  if (part.type !== 'plot') return `drawing-${number}`
  return `plot-${number}.${part.language === 'vega' ? 'vg' : 'vl'}.json`
}

function blockOf(file: number, part: FilePart): Block {
  if (part.type === 'attached') return { type: 'file', file }
  const alt = part.type === 'picture' ? part.alt : ''
  return { type: 'image', file, ...(alt === '' ? {} : { alt }) }
}
