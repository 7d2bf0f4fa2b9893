// Replaces the HTML of a post with tables, markdown and pictures. If it does not fit into a post or
// cannot be read, its text/plain is shown instead, with a notice.
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
  /** Gives a file a name and a type that match its bytes. */
  named: (file: UntypedFile) => Promise<PostFile>
  /** Undefined if secrets are not masked. */
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
    this.#take(parts.map((part) => (isPicture(part) ? imageOf(0, part) : part)))
    /** Why pictures are left out -> how many. */
    const leftOut = new Map<string, number>()
    for (const part of parts) {
      if (!isPicture(part)) {
        this.blocks.push(part)
        continue
      }
      const why = await this.#picture(part)
      if (why !== undefined) leftOut.set(why, (leftOut.get(why) ?? 0) + 1)
    }
    for (const [why, count] of leftOut) {
      const what = count === 1 ? 'A picture' : `${count} pictures`
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
  async #picture(part: Picture): Promise<string | undefined> {
    const { files, fileBytes } = this.#reading.limits
    if (this.files.length >= files) return `the relay takes ${files} files in one post`
    const bytes = bytesOf(part)
    if (bytes.byteLength > fileBytes) return `the relay takes files of up to ${fileBytes} bytes`
    const file = await this.#reading.named({ name: nameOf(part, ++this.#pictures), bytes })
    if (part.type !== 'plot' && !file.mimetype.startsWith('image/')) return 'unknown format'
    this.blocks.push(imageOf(this.files.push(file) - 1, part))
    return undefined
  }

  /** @param why - Why the HTML could not be shown; undefined if there is nothing to show. */
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

function isPicture(part: HtmlPart): part is Picture {
  return part.type === 'svg' || part.type === 'picture' || part.type === 'plot'
}

function bytesOf(part: Picture): Uint8Array {
  if (part.type === 'picture') return part.bytes
  return Buffer.from(part.type === 'svg' ? part.svg : part.spec)
}

/** Those of plots end as those that a kernel sends. */
function nameOf(part: Picture, number: number): string {
  if (part.type !== 'plot') return `drawing-${number}`
  return `plot-${number}.${part.language === 'vega' ? 'vg' : 'vl'}.json`
}

function imageOf(file: number, part: Picture): Block {
  const alt = part.type === 'picture' ? part.alt : ''
  return { type: 'image', file, ...(alt === '' ? {} : { alt }) }
}
