// Tokens of markdown -> HTML for the relay's one reader of HTML. What that would not write as it
// was (code with its language, tables with marks in their cells, formulas) it gets as markdown.
import type { Env, Token } from 'markdown-it'

import { fenceMark } from '../../post/text/fence.ts'
import { readHtml } from '../html/content.ts'
import { MARKDOWN_ELEMENT } from '../html/markdown-element.ts'
import type { MarkdownElementKind } from '../html/markdown-element.ts'
import type { MaskPieces } from '../html/masking.ts'
import { raised } from '../render/scripts.ts'
import { makeMarkdown } from './parser.ts'
import type { Markdown } from './parser.ts'
import { renamedTags } from './tags.ts'
import type { Tags } from './tags.ts'

/** Where a token is rendered. */
const DOCUMENT: Env = { isCell: false }
const CELL: Env = { isCell: true }

export class HtmlPrinter {
  readonly markdown: Markdown
  readonly #mask: MaskPieces | undefined
  readonly #isMessage: boolean
  readonly #tags: Tags

  constructor(isMessage: boolean, tags: Tags, mask: MaskPieces | undefined) {
    this.#tags = tags
    this.markdown = makeMarkdown(isMessage)
    this.#isMessage = isMessage
    this.#mask = mask
    this.#setRules()
  }

  /**
   * @param tokens - Whole blocks.
   * @param macros - Definitions that their formulas need.
   */
  print(tokens: readonly Token[], macros: string): string {
    const { renderer, options, utils } = this.markdown
    this.#withoutFirstParagraphs(tokens)
    const definitions = macros === '' ? '' : element('formula', utils.escapeHtml(macros))
    return definitions + renderer.render(this.#withTables(tokens), options, DOCUMENT)
  }

  #element(kind: MarkdownElementKind, text: string): string {
    return element(kind, this.markdown.utils.escapeHtml(text))
  }

  #setRules(): void {
    const { rules } = this.markdown.renderer
    const escape = this.markdown.utils.escapeHtml
    const html = (content: string, isTag: boolean) =>
      isTag ? renamedTags(content) : escape(content)
    rules.html_inline = (tokens, n) =>
      html(contentAt(tokens, n), this.#tags.isInline(contentAt(tokens, n)))
    rules.html_block = (tokens, n) =>
      `${html(contentAt(tokens, n), this.#tags.isBlock(contentAt(tokens, n)))}\n`
    rules.code_block = (tokens, n) => this.#element('lines', fenced('', contentAt(tokens, n)))
    rules.fence = (tokens, n) =>
      this.#element('lines', fenced(languageOf(tokens[n]), contentAt(tokens, n)))
    rules.table_lines = (tokens, n) => this.#element('apart', contentAt(tokens, n))
    rules.math_block = (tokens, n) => this.#element('formula', contentAt(tokens, n))
    rules.math = (tokens, n, _options, place) => {
      const isAlone = tokens[n]?.markup === '$$' && place !== CELL
      if (isAlone && !this.#isMessage) return this.#element('formula', contentAt(tokens, n))
      const mark = isAlone ? '$$' : '$'
      return this.#element('line', `${mark}${contentAt(tokens, n).replaceAll(/\s+/g, ' ')}${mark}`)
    }
    // An escaped dollar must not begin a formula; chats do not know `\$`.
    rules.text_special = (tokens, n) => {
      const text = contentAt(tokens, n)
      return text === '$' ? this.#element('line', '&#36;') : escape(text)
    }
    rules.footnote_ref = numberAt
    rules.footnote_block_open = () => '<hr>\n'
    rules.footnote_block_close = () => ''
    rules.footnote_open = (tokens, n) => `<div>${numberAt(tokens, n)} `
    rules.footnote_close = () => '</div>\n'
    rules.footnote_anchor = () => ''
    rules.dl_open = () => ''
    rules.dl_close = () => ''
    rules.dt_open = () => '<p><b>'
    rules.dt_close = () => '</b></p>\n'
    rules.dd_open = () => '<ul><li>'
    rules.dd_close = () => '</li></ul>\n'
  }

  /** The number of a footnote is in the line of its text. */
  #withoutFirstParagraphs(tokens: readonly Token[]): void {
    let isFirst = false
    for (const token of tokens) {
      if (token.type === 'footnote_open') isFirst = true
      if (isFirst && token.type.startsWith('paragraph_')) token.hidden = true
      if (token.type === 'paragraph_close') isFirst = false
    }
  }

  /**
   * Each table as one token that has its lines: chats show no tables inside of lists. One with
   * pictures or tables in its cells stays HTML, whose reader shows them after it.
   */
  #withTables(tokens: readonly Token[]): Token[] {
    const printed: Token[] = []
    let table: Token[] = []
    for (const token of tokens) {
      if (table.length === 0 && token.type !== 'table_open') {
        printed.push(token)
        continue
      }
      table.push(token)
      if (token.type !== 'table_close') continue
      const lines = this.#lines(table)
      if (lines === undefined) printed.push(...table)
      else {
        token.type = 'table_lines'
        token.content = lines
        token.nesting = 0
        printed.push(token)
      }
      table = []
    }
    return printed
  }

  /** A table as lines of markdown; undefined if a cell has more than text. */
  #lines(table: readonly Token[]): string | undefined {
    const rows: string[][] = []
    const marks: string[] = []
    for (const token of table) {
      const { type } = token
      if (type === 'tr_open') rows.push([])
      else if (type === 'th_open') marks.push(markOf(token))
      else if (type === 'inline') {
        const cell = this.#cell(token)
        if (cell === undefined) return undefined
        rows.at(-1)?.push(cell)
      }
    }
    return tableLines(rows, marks)
  }

  /** Undefined if it has more than text. */
  #cell(token: Token): string | undefined {
    const { renderer, options } = this.markdown
    const html = renderer.renderInline(token.children ?? [], options, CELL)
    const parts = readHtml(html, this.#mask)
    const texts = parts.flatMap((part) => (part.type === 'markdown' ? [part.text] : []))
    if (texts.length < parts.length) return undefined
    return texts
      .join(' ')
      .split('\n')
      .map((line) => line.trim())
      .join(' ')
      .replaceAll(/(?<!\\)\|/g, '\\|')
  }
}

function contentAt(tokens: readonly Token[], n: number): string {
  return tokens[n]?.content ?? ''
}

/** Of a footnote. */
function numberAt(tokens: readonly Token[], n: number): string {
  const number = String(Number(tokens[n]?.meta?.id) + 1)
  return raised(number) ?? number
}

function element(kind: MarkdownElementKind, escaped: string): string {
  return `<${MARKDOWN_ELEMENT} as="${kind}">${escaped}</${MARKDOWN_ELEMENT}>`
}

function languageOf(token: Token | undefined): string {
  return (token?.info ?? '').trim().split(/\s/)[0] ?? ''
}

function markOf(cell: Token): string {
  const align = String(cell.attrGet('style') ?? '').replace('text-align:', '')
  return { left: ':--', right: '--:', center: ':-:' }[align] ?? '---'
}

function tableLines(rows: readonly (readonly string[])[], marks: readonly string[]): string {
  const [head = [], ...body] = rows
  return [head, marks, ...body].map(rowLine).join('\n')
}

function rowLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function fenced(language: string, text: string): string {
  const lines = text.replace(/\n$/, '')
  const mark = fenceMark(lines)
  return `${mark}${language}\n${lines}\n${mark}`
}
