// A post with HTML -> the same without: tables, markdown and pictures instead. What does not fit into a post, or cannot be read, is shown
// by its text/plain and named.
import { cellsOf, MOST_CELLS, textBytes } from '../../post/contract/limits.ts'
import type { Block, Limits, PostFile, UntypedFile } from '../../post/contract/schema.ts'
import { maskTree } from './masking.ts'
import type { MaskPieces } from './masking.ts'
import type { HtmlPart } from './parts.ts'
import { readTree } from './reader.ts'
import { parseHtml, UnreadableHtml } from './tree.ts'

export interface Content {
  blocks: Block[]
  files: PostFile[]
}

export interface Reading {
  limits: Limits
  /** Gives a file its name and type by its bytes. */
  named: (file: UntypedFile) => Promise<PostFile>
  /** Undefined if secrets stay as they are. */
  mask: MaskPieces | undefined
}

type HtmlBlock = Extract<Block, { type: 'html' }>
type Picture = Exclude<HtmlPart, Block>

const SEE = 'see the notebook'
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
  return readTree(root)
}

class ContentReader {
  readonly blocks: Block[] = []
  readonly files: PostFile[]
  readonly #reading: Reading
  #textLeft: number
  #cellsLeft: number
  #pictures = 0
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
      if (parts.length === 0) this.#instead(block, undefined)
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
  }

  /** @throws {UnreadableHtml} if it does not fit */
  async #parts(parts: readonly HtmlPart[]): Promise<void> {
    this.#take(parts.filter((part) => part.type === 'markdown' || part.type === 'table'))
    let [leftOut, wrong] = [0, 0]
    for (const part of parts) {
      if (part.type === 'markdown' || part.type === 'table') this.blocks.push(part)
      else if (this.files.length >= this.#reading.limits.files) leftOut += 1
      else if (!(await this.#picture(part))) wrong += 1
    }
    if (wrong === 1) this.#note(`A picture in the HTML is not shown: it is no picture; ${SEE}`)
    else if (wrong > 1)
      this.#note(`${wrong} pictures in the HTML are not shown: they are no pictures; ${SEE}`)
    if (leftOut > 0) {
      const most = this.#reading.limits.files
      const what = leftOut === 1 ? 'A picture' : `${leftOut} pictures`
      this.#note(`${what} of the HTML left out: the relay takes ${most} files in one post; ${SEE}`)
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

  /** @returns Whether it is one. */
  async #picture(part: Picture): Promise<boolean> {
    const bytes = part.type === 'svg' ? Buffer.from(part.svg) : part.bytes
    const alt = part.type === 'picture' ? part.alt : ''
    const file = await this.#reading.named({ name: `drawing-${++this.#pictures}`, bytes })
    if (bytes.byteLength > this.#reading.limits.fileBytes || !isPicture(file)) return false
    const index = this.files.push(file) - 1
    this.blocks.push({ type: 'image', file: index, ...(alt === '' ? {} : { alt }) })
    return true
  }

  /** @param why - It is not shown as it should be; undefined if it shows nothing. */
  #instead({ html, text }: HtmlBlock, why: string | undefined): void {
    const plain: Block = { type: 'text', text, stream: 'result' }
    const hasText = text.trim() !== '' && text !== html && textBytes([plain]) <= this.#textLeft
    if (hasText) {
      this.#take([plain])
      this.blocks.push(plain)
      if (why !== undefined) this.#note(`HTML is shown in a simpler form: ${why}`)
    } else
      this.#note(why === undefined ? `HTML without text, ${SEE}` : `HTML left out: ${why}; ${SEE}`)
  }

  #note(text: string): void {
    if (++this.#notes > MOST_NOTES) return
    this.blocks.push({ type: 'notice', text })
  }
}

function isPicture({ mimetype }: PostFile): boolean {
  return mimetype.startsWith('image/')
}
