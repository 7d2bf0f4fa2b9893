// Turns HTML into markdown, with tables and pictures as parts of their own at their places. Nothing
// is run or fetched; links to anything but http(s) and mail are dropped.
import { escapeInline } from '../render/escape.ts'
import { lowered, raised } from '../render/scripts.ts'
import { codeSpan } from '../../post/text/fence.ts'
import type { StyleSheet } from './alignment.ts'
import { fencedCode, languageOf, numberedCode } from './code.ts'
import { isBlock, isUnseen } from './elements.ts'
import { isHowToSee } from './hidden.ts'
import { arranged } from './layout-table.ts'
import { MarkdownWriter } from './markdown-writer.ts'
import { isMedia, mediaOf } from './media.ts'
import { MARKDOWN_ELEMENT } from './markdown-element.ts'
import type { HtmlPart } from './parts.ts'
import { pictureOf } from './picture.ts'
import { plotsOf } from './plots.ts'
import { isDrawing, svgText } from './svg.ts'
import { legendAt } from './swatches.ts'
import { TableReader } from './table.ts'
import { isElement, shortTextOf, textOf } from './tree.ts'
import type { HtmlElement, HtmlNode } from './tree.ts'

const MARKS: Readonly<Record<string, readonly [sign: string, end: string]>> = {
  b: ['**', '**'],
  strong: ['**', '**'],
  i: ['*', '*'],
  em: ['*', '*'],
  del: ['~~', '~~'],
  s: ['~~', '~~'],
  strike: ['~~', '~~'],
}
/** Longer text is not raised or lowered. */
const MOST_LETTERS = 40
const LINK = /^(?:https?:\/\/|mailto:)[^\s<>]+$/i

/** @param sheet - How style sheets align the cells of tables. */
export function readTree(root: HtmlElement, sheet: StyleSheet): HtmlPart[] {
  const reader = new HtmlReader(sheet)
  reader.children(root)
  reader.endText()
  return reader.parts
}

class HtmlReader {
  readonly parts: HtmlPart[] = []
  readonly #writer = new MarkdownWriter()
  readonly #tables: TableReader
  /** Of code in the elements that are open; empty if none is known. */
  #language = ''

  constructor(sheet: StyleSheet) {
    this.#tables = new TableReader(sheet)
  }

  children({ children }: HtmlElement): void {
    for (let at = 0; at < children.length; at++) {
      const legend = legendAt(children, at)
      const child = children[at]
      if (legend) {
        this.#part({ type: 'svg', svg: legend.svg })
        at += legend.length - 1
      } else if (child) this.#node(child)
    }
  }

  /** Makes a part of the text so far. */
  endText(): void {
    const text = this.#writer.take()
    if (text !== '') this.parts.push({ type: 'markdown', text })
  }

  #part(part: HtmlPart): void {
    this.endText()
    this.parts.push(part)
  }

  #node(node: HtmlNode): void {
    if (!isElement(node)) {
      if (!isHowToSee(node.text)) this.#writer.write(node.text)
      return
    }
    const mark = Object.hasOwn(MARKS, node.name) ? MARKS[node.name] : undefined
    if (mark) this.#writer.marked(...mark, () => this.children(node))
    else if (!this.#special(node)) this.#plain(node)
  }

  /** @returns Whether this is an element with a form of its own. */
  #special(node: HtmlElement): boolean {
    const writer = this.#writer
    switch (node.name) {
      case 'br':
        writer.lineBreak()
        break
      case 'hr':
        writer.lines('---')
        break
      case 'a':
        this.#link(node)
        break
      case 'code':
        this.#code(node)
        break
      case 'pre':
        this.#fence(node)
        break
      case 'blockquote':
        writer.quote(() => this.children(node))
        break
      case 'ul':
      case 'ol':
        this.#list(node)
        break
      case 'h1':
      case 'h2':
      case 'h3':
      case 'h4':
      case 'h5':
      case 'h6':
        writer.heading(Number(node.name[1]), () => this.children(node))
        break
      case 'table':
        this.#table(node)
        break
      case 'svg':
        if (isDrawing(node)) this.#part({ type: 'svg', svg: svgText(node) })
        else if (!node.isClosed) this.children(node)
        break
      case 'img':
        this.#picture(node)
        break
      case 'script':
        for (const plot of plotsOf(node.script ?? '')) this.#part(plot)
        break
      case 'sub':
      case 'sup':
        this.#script(node)
        break
      case MARKDOWN_ELEMENT:
        this.#markdown(node)
        break
      default:
        if (!isMedia(node.name)) return false
        this.#media(node)
    }
    return true
  }

  #plain(node: HtmlElement): void {
    if (isUnseen(node.name)) return
    const outer = this.#language
    this.#language = languageOf(node) ?? outer
    if (node.name === 'li') this.#writer.item('-', () => this.children(node))
    else if (isBlock(node.name)) {
      this.#writer.paragraph()
      this.children(node)
      this.#writer.paragraph()
    } else this.children(node)
    this.#language = outer
  }

  #link(node: HtmlElement): void {
    const address = node.attributes.get('href')?.trim() ?? ''
    if (LINK.test(address))
      this.#writer.marked('[', `](${inBrackets(address)})`, () => this.children(node), true)
    else this.children(node)
  }

  /** In the letters of Unicode where it has them all, else with a mark: `^` or `_`. */
  #script(node: HtmlElement): void {
    const text = shortTextOf(node, MOST_LETTERS)
    const letters = text && (node.name === 'sup' ? raised : lowered)(text)
    if (letters !== undefined) this.#writer.write(letters)
    else {
      this.#writer.raw(node.name === 'sup' ? '^' : '\\_')
      this.children(node)
    }
  }

  #markdown(node: HtmlElement): void {
    const text = textOf(node)
    switch (node.attributes.get('as')) {
      case 'lines':
        this.#writer.lines(text)
        break
      case 'apart':
        this.#part({ type: 'markdown', text })
        break
      case 'formula':
        this.#part({ type: 'latex', text })
        break
      default:
        this.#writer.raw(text)
    }
  }

  #code(node: HtmlElement): void {
    const code = codeSpan(textOf(node))
    if (code !== '') this.#writer.raw(code)
  }

  #fence(node: HtmlElement): void {
    const code = fencedCode(node, this.#language)
    if (code !== '') this.#writer.lines(code)
  }

  #list(list: HtmlElement): void {
    const start = Number(list.attributes.get('start') ?? 1)
    let number = Number.isSafeInteger(start) && start >= 0 && start < 1e9 ? start : 1
    this.#writer.list(() => {
      for (const item of list.children) {
        if (isElement(item) && item.name === 'li')
          this.#writer.item(list.name === 'ol' ? `${number++}.` : '-', () => this.children(item))
        else this.#node(item)
      }
    })
  }

  /** First what is outside its rows, then the table, then the pictures of its cells. */
  #table(node: HtmlElement): void {
    const code = numberedCode(node)
    if (code) {
      this.children(code)
      return
    }
    const inside = arranged(node)
    if (inside) {
      for (const one of inside) this.#node(one)
      return
    }
    const { table, outside, pictures } = this.#tables.read(node)
    for (const one of outside) this.#node(one)
    this.#writer.paragraph()
    if (table) this.#part(table)
    for (const picture of pictures) this.#node(picture)
    this.#writer.paragraph()
  }

  #media(node: HtmlElement): void {
    const media = mediaOf(node)
    if (media?.type === 'attached') this.#part(media)
    else if (media?.type === 'elsewhere')
      this.#part({ type: 'notice', text: `${media.what} is not shown; see the notebook` })
    else if (media) {
      const { words, address } = media
      this.#writer.paragraph()
      this.#writer.write(words)
      const write = () => this.#writer.write(address)
      this.#writer.marked('[', `](${inBrackets(address)})`, write, true)
      this.#writer.paragraph()
    }
  }

  #picture({ attributes }: HtmlElement): void {
    const picture = pictureOf(attributes)
    if (picture?.type === 'held') for (const part of picture.parts) this.#part(part)
    else if (picture?.type === 'address') {
      // It becomes a link when the markdown is printed.
      const words = escapeInline(picture.alt.replaceAll(/[[\]\\]/g, ' '))
      this.#writer.raw(`![${words}](${inBrackets(picture.address)})`)
    } else if (picture) {
      // Without blanks around it, its stars and those beside it would be one mark.
      this.#writer.write(' ')
      this.#writer.raw(picture.alt === '' ? '*picture*' : `*${escapeInline(picture.alt)}*`)
      this.#writer.write(' ')
    }
  }
}

/** An address without what would hide the bracket that ends it, or be one. */
function inBrackets(address: string): string {
  return address
    .replaceAll('\\', '%5C')
    .replaceAll('`', '%60')
    .replaceAll('(', '%28')
    .replaceAll(')', '%29')
}
