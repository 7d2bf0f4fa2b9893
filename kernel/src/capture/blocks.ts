// Turns the outputs of a cell into the blocks and files of a post, in the order shown (the table of
// docs/spec.md 2.1). They are originals with their text/plain; the relay converts them. What does
// not fit into the post is named in it.
import { secondsText } from '../../../post/contract/duration.ts'
import type { Block, PostFile } from '../../../post/contract/schema.ts'
import { isObjectName } from '../../../post/text/object-name.ts'
import { terminalText } from '../../../post/text/terminal-text.ts'
import { bytesOf, formulaOf, htmlOf, otherTypes, plain, textOf } from './bundle-forms.ts'
import { isNothing, withoutLaterFrames } from './bundle.ts'
import { htmlBlock, markdownBlocks } from './documents.ts'
import { errorBlock } from './error-block.ts'
import { FittedPost } from './fitted-post.ts'
import type { FittedPostOptions } from './fitted-post.ts'
import { leftOutText } from './left-out.ts'
import { withMacros } from './macros.ts'
import type { CapturedOutput, CellOutputs } from './outputs.ts'
import { shownStreams } from './streams.ts'
import { plotText, vegaSpec } from './vega.ts'

export interface CapturedPost {
  blocks: Block[]
  files: PostFile[]
}

export interface CaptureOptions extends FittedPostOptions {
  /** Whether to post stderr even if the cell did not fail. */
  stderr: boolean
}

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
  const post = new FittedPost(options)
  const capture = new Capture(post, cell.macros)
  const withStderr = options.stderr || cell.status === 'failed'
  for (const output of shownStreams(cell.outputs, withStderr)) capture.add(output)
  post.endRest()
  for (const left of cell.leftOut) post.leftOut.push(left)
  if (post.leftOut.length > 0) {
    post.blocks.push({ type: 'notice', text: leftOutText(post.leftOut) })
  } else if (post.blocks.length === 0 && options.unfinished !== true) {
    post.blocks.push({ type: 'notice', text: noOutput(cell) })
  }
  return { blocks: post.blocks, files: post.files }
}

class Capture {
  readonly #post: FittedPost
  readonly #macros: CellOutputs['macros']

  constructor(post: FittedPost, macros: CellOutputs['macros']) {
    this.#post = post
    this.#macros = macros
  }

  add(output: CapturedOutput): void {
    switch (output.type) {
      case 'stream':
        this.#post.text(terminalText(output.text), output.name)
        break
      case 'error':
        this.#post.push(errorBlock(output))
        break
      case 'display_data':
      case 'execute_result':
        this.#display(output)
        break
    }
  }

  /** Shows the richest representation in the bundle. */
  #display(output: Display): void {
    const { data } = output
    if (isNothing(data)) return
    for (const [mimetype, extension] of IMAGES) {
      const bytes = bytesOf(data[mimetype])
      if (bytes !== undefined) {
        this.#post.image(bytes, mimetype, extension, plain(data))
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
      this.#post.image(Buffer.from(svg), 'image/svg+xml', 'svg', plain(data))
    } else if (vega !== undefined) {
      this.#post.image(vega.bytes, vega.mimetype, vega.extension, plotText(plain(data)))
    } else if (pdf !== undefined) {
      this.#post.image(pdf, 'application/pdf', 'pdf', plain(data))
    } else if (interactive !== undefined) {
      this.#interactive(data)
    } else if (latex !== undefined) {
      this.#post.push(withMacros({ type: 'latex', text: latex }, this.#macros))
    } else if (markdown !== undefined) {
      for (const part of markdownBlocks(markdown)) {
        if (part.type === 'image')
          this.#post.image(part.bytes, part.mimetype, part.extension, part.alt)
        else this.#post.push(withMacros(part, this.#macros))
      }
    } else if (html !== undefined) {
      this.#post.push(htmlBlock(withoutLaterFrames(html), plain(data) ?? '', this.#post.limits))
    } else if (data['application/json'] !== undefined) {
      const json = JSON.stringify(data['application/json'], null, 2)
      this.#post.push({ type: 'code', text: json, language: 'json' })
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
    if (isWidget) this.#post.text(plain(data) ?? '', 'result')
    const what = isWidget ? 'Widget' : 'Interactive plot'
    this.#post.push({ type: 'notice', text: `${what}, see the notebook` })
  }

  #plainOrNamed(data: Record<string, unknown>): void {
    const shown = plain(data)
    const latex = textOf(data['text/latex'])
    if (latex !== undefined && (shown === undefined || isObjectName(shown)))
      this.#post.push({ type: 'code', text: latex.trim(), language: '' })
    else if (shown !== undefined) this.#post.text(shown, 'result')
    else if (Object.keys(data).length > 0)
      this.#post.leftOut.push(`output of type ${otherTypes(data).join(', ')}`)
  }
}

function noOutput(cell: CellOutputs): string {
  return `No output (${secondsText((cell.endedAt ?? Date.now()) - cell.startedAt)})`
}
