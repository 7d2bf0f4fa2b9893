// Turns the outputs of a cell into the blocks and files of a post, in the order shown (the table of
// docs/spec.md 2.1). They are originals with their text/plain; the relay converts them. What does
// not fit into the post is named in it.
import document from '../../../post/contract/limits.json' with { type: 'json' }
import { secondsText } from '../../../post/contract/duration.ts'
import { countedBytes, htmlBytes, mostHtml } from '../../../post/contract/limits.ts'
import type { Block, Limits, PostFile } from '../../../post/contract/schema.ts'
import { terminalText } from '../../../post/text/terminal-text.ts'
import { bytesOf, formulaOf, htmlOf, otherTypes, plain, textOf } from './bundle-forms.ts'
import { isNothing, isObjectName, withoutLaterFrames } from './bundle.ts'
import { inWords } from './bytes.ts'
import { htmlBlock, markdownBlocks } from './documents.ts'
import { errorBlock } from './error-block.ts'
import { hasWords, leftOutText } from './left-out.ts'
import { endsOf, EXTENSIONS, hasEnds, isLong, longText, wholeText } from './long-text.ts'
import type { LongBlock } from './long-text.ts'
import { withMacros } from './macros.ts'
import type { CapturedOutput, CellOutputs } from './outputs.ts'
import { shownStreams } from './streams.ts'
import { plotText, vegaSpec } from './vega.ts'

export interface CapturedPost {
  blocks: Block[]
  files: PostFile[]
}

export interface CaptureOptions {
  /** Whether to post stderr even if the cell did not fail. */
  stderr: boolean
  limits: Limits
  /**
   * True if the cell still runs: then nothing says that there is no output, and no text becomes a
   * file, which would be another one at the next look.
   */
  unfinished?: boolean
}

const { shareForEnds, shareForOutputs, textFiles } = document.capture

type Display = Extract<CapturedOutput, { data: unknown }>

/** Mime type -> extension of the file, richest first. */
const IMAGES: ReadonlyArray<readonly [mimetype: string, extension: string]> = [
  ['image/png', 'png'],
  ['image/jpeg', 'jpg'],
  ['image/gif', 'gif'],
  ['image/webp', 'webp'],
]

/** Types that only a page with scripts can show. */
const INTERACTIVE =
  /^application\/(vnd\.(plotly|vega|vegalite|jupyter\.widget|bokeh).*|javascript)$/
const WIDGET = 'application/vnd.jupyter.widget-view+json'

/**
 * The blocks of a cell. Never empty unless `unfinished`: if a cell showed nothing, a notice says
 * so.
 */
export function captureCell(cell: CellOutputs, options: CaptureOptions): CapturedPost {
  const capture = new Capture(options, cell.macros)
  const withStderr = options.stderr || cell.status === 'failed'
  for (const output of shownStreams(cell.outputs, withStderr)) capture.add(output)
  capture.endRest()
  for (const left of cell.leftOut) capture.leftOut.push(left)
  if (capture.leftOut.length > 0) {
    capture.blocks.push({ type: 'notice', text: leftOutText(capture.leftOut) })
  } else if (capture.blocks.length === 0 && options.unfinished !== true) {
    capture.blocks.push({ type: 'notice', text: noOutput(cell) })
  }
  return { blocks: capture.blocks, files: capture.files }
}

class Capture {
  readonly blocks: Block[] = []
  readonly files: PostFile[] = []
  readonly leftOut: string[] = []
  readonly #limits: Limits
  readonly #unfinished: boolean
  readonly #macros: CellOutputs['macros']
  #fileBytes = 0
  #textLeft: number
  #htmlLeft: number
  /** Of the text that is left, this is kept for errors and the ends of long text. */
  readonly #forEnds: number
  /** Short texts that came when there was no room any more. */
  #rest: string[] = []
  #textFiles = 0

  constructor({ limits, unfinished = false }: CaptureOptions, macros: CellOutputs['macros']) {
    this.#limits = limits
    this.#unfinished = unfinished
    this.#macros = macros
    // The rest is kept for a title and the cell's source.
    this.#textLeft = limits.textBytes * shareForOutputs
    this.#htmlLeft = mostHtml(limits)
    this.#forEnds = limits.textBytes * shareForEnds
  }

  /** Adds a block of text if it fits. Of longer text the ends are shown, and it becomes a file. */
  push(block: Block): void {
    const bytes = countedBytes([block], this.#limits)
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
      this.#text(block.text, 'result')
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

  #pushLong(block: LongBlock): void {
    this.#textFiles += 1
    const { bytes, cut } = longText(wholeText(block), this.#limits.textBytes)
    const extension = EXTENSIONS[block.type]
    const isFirst = extension === 'txt' && this.files.every(({ name }) => name !== 'output.txt')
    const name = isFirst ? 'output.txt' : this.#fileName(extension)
    const file = this.#unfinished ? undefined : this.#file({ name, mimetype: 'text/plain', bytes })
    const shown = endsOf(block)
    const shownBytes = countedBytes([shown], this.#limits)
    if (shownBytes <= this.#textLeft) {
      this.#textLeft -= shownBytes
      this.blocks.push(shown)
    }
    if (file === undefined) return
    this.blocks.push({ type: 'notice', text: `The whole text is in ${name}` })
    this.blocks.push({ type: 'file', file })
    if (cut !== undefined) this.leftOut.push(`${cut} from the middle of ${name}`)
  }

  add(output: CapturedOutput): void {
    switch (output.type) {
      case 'stream':
        this.#text(terminalText(output.text), output.name)
        break
      case 'error':
        this.push(errorBlock(output))
        break
      case 'display_data':
      case 'execute_result':
        this.#display(output)
        break
    }
  }

  #text(text: string, stream: 'stdout' | 'stderr' | 'result'): void {
    const trimmed = text.replace(/^\n+/, '').trimEnd()
    if (trimmed !== '') this.push({ type: 'text', text: trimmed, stream })
  }

  /** Shows the richest representation in the bundle. */
  #display(output: Display): void {
    const { data } = output
    if (isNothing(data)) return
    for (const [mimetype, extension] of IMAGES) {
      const bytes = bytesOf(data[mimetype])
      if (bytes !== undefined) {
        this.#image(bytes, mimetype, extension, plain(data))
        return
      }
    }
    const svg = textOf(data['image/svg+xml'])
    const vega = vegaSpec(data)
    const pdf = bytesOf(data['application/pdf'])
    const latex = formulaOf(data)
    const markdown = textOf(data['text/markdown'])
    const html = htmlOf(data)
    const interactive = Object.keys(data).find((mimetype) => INTERACTIVE.test(mimetype))
    if (svg !== undefined) {
      this.#image(Buffer.from(svg), 'image/svg+xml', 'svg', plain(data))
    } else if (vega !== undefined) {
      this.#image(vega.bytes, vega.mimetype, vega.extension, plotText(plain(data)))
    } else if (pdf !== undefined) {
      this.#image(pdf, 'application/pdf', 'pdf', plain(data))
    } else if (interactive !== undefined) {
      this.#interactive(data)
    } else if (latex !== undefined) {
      this.push(withMacros({ type: 'latex', text: latex }, this.#macros))
    } else if (markdown !== undefined) {
      for (const part of markdownBlocks(markdown)) {
        if (part.type === 'image') this.#image(part.bytes, part.mimetype, part.extension, part.alt)
        else this.push(withMacros(part, this.#macros))
      }
    } else if (html !== undefined) {
      this.push(htmlBlock(withoutLaterFrames(html), plain(data) ?? '', this.#limits))
    } else if (data['application/json'] !== undefined) {
      const json = JSON.stringify(data['application/json'], null, 2)
      this.push({ type: 'code', text: json, language: 'json' })
    } else {
      this.#plainOrNamed(data)
    }
  }

  /**
   * The text of a widget says what it is and its value, but that of a plot is only a name or its
   * data.
   */
  #interactive(data: Record<string, unknown>): void {
    const isWidget = data[WIDGET] !== undefined
    if (isWidget) this.#text(plain(data) ?? '', 'result')
    const what = isWidget ? 'Widget' : 'Interactive plot'
    this.push({ type: 'notice', text: `${what}, see the notebook` })
  }

  #plainOrNamed(data: Record<string, unknown>): void {
    const shown = plain(data)
    const latex = textOf(data['text/latex'])
    if (latex !== undefined && (shown === undefined || isObjectName(shown)))
      this.push({ type: 'code', text: latex.trim(), language: '' })
    else if (shown !== undefined) this.#text(shown, 'result')
    else if (Object.keys(data).length > 0)
      this.leftOut.push(`output of type ${otherTypes(data).join(', ')}`)
  }

  #image(bytes: Uint8Array, mimetype: string, extension: string, alt?: string): void {
    const file = this.#file({ name: this.#fileName(extension), mimetype, bytes })
    if (file === undefined) return
    this.blocks.push({ type: 'image', file, ...(alt === undefined ? {} : { alt }) })
  }

  /**
   * Index of the file. If a limit does not allow it, undefined; then the file is named as left out.
   */
  #file(file: PostFile): number | undefined {
    const bytes = file.bytes.byteLength
    const { files, fileBytes, postBytes, textBytes: text } = this.#limits
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

function noOutput(cell: CellOutputs): string {
  return `No output (${secondsText((cell.endedAt ?? Date.now()) - cell.startedAt)})`
}
