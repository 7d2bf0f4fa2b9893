// Turns HTML into markdown, with tables and pictures as parts of their own at their places. Nothing
// is run or fetched; links to anything but http(s) and mail are dropped.
import { escapeInline } from '../render/escape.ts'
import { fenceMark, spanMark } from '../../post/text/fence.ts'
import { isBlock, isUnseen } from './elements.ts'
import { arranged } from './layout-table.ts'
import { MarkdownWriter } from './markdown-writer.ts'
import type { HtmlPart } from './parts.ts'
import { plotsOf } from './plots.ts'
import { isDrawing, svgText } from './svg.ts'
import { legendAt } from './swatches.ts'
import { TableReader } from './table.ts'
import { inOrder, isElement, textOf } from './tree.ts'
import type { HtmlElement, HtmlNode } from './tree.ts'

const MARKS: Readonly<Record<string, readonly [sign: string, end: string]>> = {
  b: ['**', '**'],
  strong: ['**', '**'],
  i: ['*', '*'],
  em: ['*', '*'],
  del: ['~~', '~~'],
  s: ['~~', '~~'],
  strike: ['~~', '~~'],
  sup: ['^', ''],
}
const LINK = /^(?:https?:\/\/|mailto:)[^\s()<>]+$/i
const REMOTE = /^https?:\/\/[^\s()<>]+$/i
const DATA = /^data:image\/([\w.+-]+);base64,([\sA-Za-z0-9+/=]+)$/i

export function readTree(root: HtmlElement): HtmlPart[] {
  const reader = new HtmlReader()
  reader.children(root)
  reader.endText()
  return reader.parts
}

class HtmlReader {
  readonly parts: HtmlPart[] = []
  readonly #writer = new MarkdownWriter()
  readonly #tables = new TableReader()

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
      this.#writer.write(node.text)
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
        this.#preformatted(node)
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
      default:
        return false
    }
    return true
  }

  #plain(node: HtmlElement): void {
    if (isUnseen(node.name)) return
    if (node.name === 'li') this.#writer.item('-', () => this.children(node))
    else if (isBlock(node.name)) {
      this.#writer.paragraph()
      this.children(node)
      this.#writer.paragraph()
    } else this.children(node)
  }

  #link(node: HtmlElement): void {
    const address = node.attributes.get('href')?.trim() ?? ''
    if (LINK.test(address))
      this.#writer.marked('[', `](${inBrackets(address)})`, () => this.children(node), true)
    else this.children(node)
  }

  #code(node: HtmlElement): void {
    const text = textOf(node).replaceAll(/\s+/g, ' ').trim()
    if (text === '') return
    const ticks = spanMark(text)
    const room = text.startsWith('`') || text.endsWith('`') ? ' ' : ''
    this.#writer.raw(`${ticks}${room}${text}${room}${ticks}`)
  }

  #preformatted(node: HtmlElement): void {
    const text = preformattedText(node)
      .replace(/^\n/, '')
      .replace(/(?<!\n)\n+$/, '')
    if (text.trim() === '') return
    const mark = fenceMark(text)
    this.#writer.lines(`${mark}\n${text}\n${mark}`)
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

  #picture({ attributes }: HtmlElement): void {
    const alt = attributes.get('alt') ?? ''
    const address = attributes.get('src')?.trim() ?? ''
    const data = DATA.exec(address)
    if (data) {
      const bytes = Buffer.from(data[2] ?? '', 'base64')
      this.#part(
        data[1]?.toLowerCase() === 'svg+xml'
          ? { type: 'svg', svg: bytes.toString('utf8') }
          : { type: 'picture', bytes, alt },
      )
    } else if (REMOTE.test(address)) {
      // It becomes a link when the markdown is printed.
      const words = escapeInline(alt.replaceAll(/[[\]\\]/g, ' '))
      this.#writer.raw(`![${words}](${inBrackets(address)})`)
    } else {
      // Without blanks around it, its stars and those beside it would be one mark.
      this.#writer.write(' ')
      this.#writer.raw(alt === '' ? '*picture*' : `*${escapeInline(alt)}*`)
      this.#writer.write(' ')
    }
  }
}

/** An address without what would hide the bracket that ends it. */
function inBrackets(address: string): string {
  return address.replaceAll('\\', '%5C').replaceAll('`', '%60')
}

function preformattedText(node: HtmlElement): string {
  let text = ''
  for (const one of inOrder(node)) {
    if (!isElement(one)) text += one.text
    else if (one.name === 'br') text += '\n'
  }
  return text.replaceAll(/\r\n?/g, '\n')
}
