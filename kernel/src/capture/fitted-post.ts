// Puts blocks and files into a post as far as its limits allow (docs/spec.md 2.5). It shows the
// ends of longer text, and names what does not fit.
import document from '../../../post/contract/limits.json' with { type: 'json' }
import { countedBytes, htmlBytes, mostHtml } from '../../../post/contract/limits.ts'
import type { Block, Limits, PostFile } from '../../../post/contract/schema.ts'
import { inWords } from './bytes.ts'
import { hasWords } from './left-out.ts'
import { endsOf, EXTENSIONS, hasEnds, isLong, longText, wholeText } from './long-text.ts'
import type { LongBlock } from './long-text.ts'

export interface FittedPostOptions {
  limits: Limits
  /**
   * True if the cell still runs: then no text becomes a file, which would be another one at the
   * next look.
   */
  unfinished?: boolean
}

const { shareForEnds, shareForOutputs, textFiles } = document.capture

export class FittedPost {
  readonly blocks: Block[] = []
  readonly files: PostFile[] = []
  /** What is not in the post as it was, in words. */
  readonly leftOut: string[] = []
  readonly limits: Limits
  readonly #unfinished: boolean
  #fileBytes = 0
  #textLeft: number
  #htmlLeft: number
  /** Bytes of what is left for text, kept for errors and the ends of long text. */
  readonly #forEnds: number
  /** Short texts that came when there was no room any more. */
  #rest: string[] = []
  #textFiles = 0

  constructor({ limits, unfinished = false }: FittedPostOptions) {
    this.limits = limits
    this.#unfinished = unfinished
    // The rest is kept for a title and the cell's source.
    this.#textLeft = limits.textBytes * shareForOutputs
    this.#htmlLeft = mostHtml(limits)
    this.#forEnds = limits.textBytes * shareForEnds
  }

  /** Adds a block if it fits. Longer text shows its ends, and becomes a file. */
  push(block: Block): void {
    const bytes = countedBytes([block], this.limits)
    const html = htmlBytes([block])
    // The end is what people look for: an error is shown however much came before it.
    if (block.type === 'error') this.endRest()
    const room = block.type === 'error' ? this.#textLeft : this.#textLeft - this.#forEnds
    if (bytes <= room && html <= this.#htmlLeft && this.#rest.length === 0) {
      this.#textLeft -= bytes
      this.#htmlLeft -= html
      this.blocks.push(block)
    } else if (block.type === 'html' && hasWords(block.text)) {
      this.leftOut.push(`html of ${inWords(Math.max(bytes, html))}, shown as text`)
      this.text(block.text, 'result')
    } else if (isLong(block)) {
      const isOwn = block.type === 'error' || (hasEnds(bytes) && this.#textFiles < textFiles)
      if (isOwn) this.#pushLong(block)
      else this.#rest.push(wholeText(block))
    } else {
      this.leftOut.push(`${block.type} of ${inWords(Math.max(bytes, html))}`)
    }
  }

  /** Shows the ends of the texts that had no room, which are in a file together. */
  endRest(): void {
    const text = this.#rest.join('\n')
    this.#rest = []
    if (text !== '') this.#pushLong({ type: 'text', text, stream: 'result' })
  }

  /** Text as the cell printed it, without blank lines around it. */
  text(text: string, stream: 'stdout' | 'stderr' | 'result'): void {
    const trimmed = text.replace(/^\n+/, '').trimEnd()
    if (trimmed !== '') this.push({ type: 'text', text: trimmed, stream })
  }

  image(bytes: Uint8Array, mimetype: string, extension: string, alt?: string): void {
    const file = this.#file({ name: this.#fileName(extension), mimetype, bytes })
    if (file === undefined) return
    this.blocks.push({ type: 'image', file, ...(alt === undefined ? {} : { alt }) })
  }

  #pushLong(block: LongBlock): void {
    this.#textFiles += 1
    const { bytes, cut } = longText(wholeText(block), this.limits.textBytes)
    const extension = EXTENSIONS[block.type]
    const isFirst = extension === 'txt' && this.files.every(({ name }) => name !== 'output.txt')
    const name = isFirst ? 'output.txt' : this.#fileName(extension)
    const file = this.#unfinished ? undefined : this.#file({ name, mimetype: 'text/plain', bytes })
    const shown = endsOf(block)
    const shownBytes = countedBytes([shown], this.limits)
    if (shownBytes <= this.#textLeft) {
      this.#textLeft -= shownBytes
      this.blocks.push(shown)
    }
    if (file === undefined) return
    this.blocks.push({ type: 'notice', text: `The whole text is in ${name}` })
    this.blocks.push({ type: 'file', file })
    if (cut !== undefined) this.leftOut.push(`${cut} from the middle of ${name}`)
  }

  /**
   * Index of the file. If a limit does not allow it, undefined; then the file is named as left out.
   */
  #file(file: PostFile): number | undefined {
    const bytes = file.bytes.byteLength
    const { files, fileBytes, postBytes, textBytes: text } = this.limits
    // Keeps room for the text, so that a post with one picture too many still has what was printed.
    const fits =
      bytes <= fileBytes &&
      this.files.length < files &&
      this.#fileBytes + bytes <= postBytes - Math.min(text * 2, postBytes / 2)
    if (!fits) {
      this.leftOut.push(`${file.name} (${inWords(bytes)})`)
      return undefined
    }
    this.#fileBytes += bytes
    this.files.push(file)
    return this.files.length - 1
  }

  #fileName(extension: string): string {
    return `output-${this.files.length + 1}.${extension}`
  }
}
