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
    const at = (tokens: readonly Token[], n: number) => tokens[n]?.content ?? ''
    rules.html_inline = (tokens, n) => html(at(tokens, n), this.#tags.isInline(at(tokens, n)))
    rules.html_block = (tokens, n) => `${html(at(tokens, n), this.#tags.isBlock(at(tokens, n)))}\n`
    rules.code_block = (tokens, n) => this.#element('lines', fenced('', at(tokens, n)))
    rules.fence = (tokens, n) =>
      this.#element('lines', fenced(languageOf(tokens[n]), at(tokens, n)))
    rules.table_lines = (tokens, n) => this.#element('apart', at(tokens, n))
    rules.math_block = (tokens, n) =>
      this.#isMessage
        ? this.#element('lines', `$$\n${at(tokens, n)}\n$$`)
        : this.#element('formula', at(tokens, n))
    rules.math = (tokens, n, _options, place) => {
      const isAlone = tokens[n]?.markup === '$$' && place !== CELL
      if (isAlone && !this.#isMessage) return this.#element('formula', at(tokens, n))
      const mark = isAlone ? '$$' : '$'
      return this.#element('line', `${mark}${at(tokens, n).replaceAll(/\s+/g, ' ')}${mark}`)
    }
    // An escaped dollar must not begin a formula; chats do not know `\$`.
    rules.text_special = (tokens, n) => {
      const text = at(tokens, n)
      return text === '$' ? this.#element('line', '&#36;') : escape(text)
    }
    const number = (tokens: readonly Token[], n: number) => {
      const id = Number(tokens[n]?.meta?.id) + 1
      return raised(String(id)) ?? String(id)
    }
    rules.footnote_ref = number
    rules.footnote_block_open = () => '<hr>\n'
    rules.footnote_block_close = () => ''
    rules.footnote_open = (tokens, n) => `<div>${number(tokens, n)} `
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

  /** Each table as one token that has its lines: chats show no tables inside of lists. */
  #withTables(tokens: readonly Token[]): Token[] {
    const printed: Token[] = []
    let rows: string[][] = []
    let marks: string[] = []
    for (const token of tokens) {
      const { type } = token
      if (type === 'table_open') marks = []
      else if (type === 'tr_open') rows.push([])
      else if (type === 'th_open') marks.push(markOf(token))
      // Outside of tables there are no rows.
      else if (type === 'inline' && rows.length > 0) rows.at(-1)?.push(this.#cell(token))
      else if (type === 'table_close') {
        token.type = 'table_lines'
        token.content = tableLines(rows, marks)
        token.nesting = 0
        printed.push(token)
        rows = []
      } else if (!TABLE_PARTS.has(type)) printed.push(token)
    }
    return printed
  }

  #cell(token: Token): string {
    const { renderer, options } = this.markdown
    const html = renderer.renderInline(token.children ?? [], options, CELL)
    return readHtml(html, this.#mask)
      .map((part) => (part.type === 'markdown' ? part.text : '*picture*'))
      .join(' ')
      .split('\n')
      .map((line) => line.trim())
      .join(' ')
      .replaceAll(/(?<!\\)\|/g, '\\|')
  }
}

function element(kind: MarkdownElementKind, escaped: string): string {
  return `<${MARKDOWN_ELEMENT} as="${kind}">${escaped}</${MARKDOWN_ELEMENT}>`
}

function languageOf(token: Token | undefined): string {
  return (token?.info ?? '').trim().split(/\s/)[0] ?? ''
}

const TABLE_PARTS = new Set(
  'thead_open thead_close tbody_open tbody_close tr_close th_close td_open td_close'.split(' '),
)

function markOf(cell: Token): string {
  const align = String(cell.attrGet('style') ?? '').replace('text-align:', '')
  return { left: ':--', right: '--:', center: ':-:' }[align] ?? '---'
}

function tableLines(rows: readonly (readonly string[])[], marks: readonly string[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const [head = [], ...body] = rows
  return [line(head), line(marks), ...body.map(line)].join('\n')
}

function fenced(language: string, text: string): string {
  const lines = text.replace(/\n$/, '')
  const mark = fenceMark(lines)
  return `${mark}${language}\n${lines}\n${mark}`
}
