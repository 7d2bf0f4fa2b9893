// HTML that a cell displayed -> markdown by turndown; tables, inline SVG and `data:` pictures
// become separate parts, in place. Nothing is run or fetched; addresses other than http(s) and mail
// are dropped.
import TurndownService from 'turndown'

import { svgTags } from '../../../post/text/svg-tags.ts'
import type { HtmlPart, Outcome } from '../jobs.ts'
import { checkDepth } from './html-depth.ts'
import { drawnLegends } from './swatches.ts'

/** The parts of turndown's nodes that we use. */
interface Node {
  nodeName: string
  textContent: string | null
  childNodes: ArrayLike<Node>
  getAttribute(name: string): string | null
}

/** Marks part n inside markdown, with private characters that were removed from the input. */
const mark = (n: number) => `\uE000${n}\uE001`
const MARK = /\uE000(\d+)\uE001/
/** Cells that spans leave empty, in all tables of one HTML: 20 kB of spans can make a million. */
const MOST_GAPS = 50_000
const NEVER_SHOWN = [
  'script',
  'style',
  'head',
  'title',
  'template',
  'noscript',
  'iframe',
  'object',
] as const

export function readHtml(html: string): Outcome {
  checkDepth(html)
  const parts: HtmlPart[] = []
  const keep = (part: HtmlPart) => mark(parts.push(part) - 1)
  const body = takeSvg(drawnLegends(html.replace(/[\uE000\uE001]/g, '')), keep)
  return { kind: 'parts', parts: inOrder(turndown(keep).turndown(body), parts) }
}

/** Takes out inline drawings before the HTML parser: they are XML. */
function takeSvg(html: string, keep: (part: HtmlPart) => string): string {
  let shown = ''
  let end = 0
  let depth = 0
  let start = 0
  for (const tag of svgTags(html)) {
    if (tag.kind === 'opening' && depth++ === 0) {
      start = tag.start
      shown += html.slice(end, start)
      end = start
    } else if (tag.kind === 'closing' && depth > 0 && --depth === 0) {
      end = tag.end
      const svg = html.slice(start, end)
      // The most common of HTML's named characters, unknown to XML.
      if (isDrawing(svg)) shown += keep({ type: 'svg', svg: svg.replaceAll('&nbsp;', '&#160;') })
    }
  }
  return shown + html.slice(end)
}

/** Icons and hidden sprites get their size from a page's styles: without it they are blots. */
function isDrawing(svg: string): boolean {
  const root = svg.slice(0, svg.indexOf('>'))
  const hasSize = /\s(?:viewBox|width)\s*=/i.test(root)
  return hasSize && !/display\s*:\s*none|(?:width|height)\s*[:=]\s*["']?0(?![.\d])/i.test(root)
}

function turndown(keep: (part: HtmlPart) => string): TurndownService {
  let gaps = MOST_GAPS
  const hasGap = () => gaps-- > 0
  const service = new TurndownService({
    headingStyle: 'atx',
    bulletListMarker: '-',
    codeBlockStyle: 'fenced',
    emDelimiter: '*',
    hr: '---',
  })
  service.remove([...NEVER_SHOWN])
  service.addRule('table', {
    filter: 'table',
    replacement: (_content, node: Node) => `\n\n${keepTable(node, keep, hasGap)}\n\n`,
  })
  service.addRule('preformatted', {
    filter: 'pre',
    replacement: (_content, node: Node) => fence(node.textContent ?? ''),
  })
  service.addRule('struck', { filter: ['del', 's'], replacement: (content) => `~~${content}~~` })
  service.addRule('raised', { filter: 'sup', replacement: (content) => `^${content}` })
  service.addRule('link', {
    filter: 'a',
    replacement: (content, node: Node) => {
      const address = node.getAttribute('href')?.trim() ?? ''
      return /^(?:https?:\/\/|mailto:)[^\s()<>]+$/i.test(address) && content.trim() !== ''
        ? `[${content}](${address})`
        : content
    },
  })
  service.addRule('picture', {
    filter: 'img',
    replacement: (_content, node: Node) => picture(node, keep),
  })
  return service
}

function picture(node: Node, keep: (part: HtmlPart) => string): string {
  const alt = node.getAttribute('alt') ?? ''
  const address = node.getAttribute('src')?.trim() ?? ''
  const data = /^data:image\/([\w.+-]+);base64,([\sA-Za-z0-9+/=]+)$/i.exec(address)
  if (data) {
    const bytes = Buffer.from(data[2] ?? '', 'base64')
    return data[1]?.toLowerCase() === 'svg+xml'
      ? keep({ type: 'svg', svg: bytes.toString('utf8') })
      : keep({ type: 'image', bytes, alt })
  }
  // A remote picture becomes a link when the markdown is printed.
  if (/^https?:\/\/[^\s()<>]+$/i.test(address))
    return `![${alt.replace(/[[\]\\\n]/g, ' ')}](${address})`
  return alt === '' ? '*picture*' : `*${alt.replace(/[*\n]/g, ' ')}*`
}

function fence(text: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), (run) => run[0].length))
  const ticks = '`'.repeat(longest + 1)
  return `\n\n${ticks}\n${text.replace(/^\n|(?<!\n)\n+$/g, '')}\n${ticks}\n\n`
}

/** The table, then the pictures in its cells. */
function keepTable(table: Node, keep: (part: HtmlPart) => string, hasGap: () => boolean): string {
  const rows: Array<{ isHead: boolean; cells: string[] }> = []
  const pictures: string[] = []
  /** Columns covered by a cell above -> for how many more rows. */
  const covered: number[] = []
  for (const row of rowsOf(table)) {
    const cells: string[] = []
    const skipCovered = () => {
      while ((covered[cells.length] ?? 0) > 0 && hasGap()) {
        covered[cells.length] = (covered[cells.length] ?? 0) - 1
        cells.push('')
      }
    }
    const own = children(row).filter(({ nodeName }) => nodeName === 'TD' || nodeName === 'TH')
    for (const cell of own) {
      skipCovered()
      const text = (cell.textContent ?? '').replace(/\s+/g, ' ').trim()
      pictures.push(...(text.match(/\uE000\d+\uE001/g) ?? []))
      const shown = text.replace(/\uE000\d+\uE001/g, '').trim()
      const [wide, high] = [span(cell, 'colspan'), span(cell, 'rowspan')]
      for (let n = 0; n < wide && (n === 0 || hasGap()); n++) {
        covered[cells.length] = high - 1
        cells.push(n === 0 ? shown : '')
      }
    }
    skipCovered()
    if (cells.length > 0)
      rows.push({ isHead: own.every(({ nodeName }) => nodeName === 'TH'), cells })
  }
  const columns = rows[0]?.isHead ? rows.shift()?.cells : []
  if (rows.length === 0 && (columns ?? []).length === 0) return pictures.join('\n\n')
  const body = rows.map(({ cells }) => cells)
  return [keep({ type: 'table', columns: columns ?? [], rows: body }), ...pictures].join('\n\n')
}

/** Rows of this table, not of tables inside its cells. */
function rowsOf(node: Node): Node[] {
  return children(node).flatMap((child) => {
    if (child.nodeName === 'TR') return child
    return /^T(?:HEAD|BODY|FOOT)$/.test(child.nodeName) ? rowsOf(child) : []
  })
}

function children(node: Node): Node[] {
  return Array.from(node.childNodes)
}

/** At most what a table of real data has: a hostile span must not fill the memory. */
function span(cell: Node, name: string): number {
  const value = Number(cell.getAttribute?.(name) ?? 1)
  return Number.isInteger(value) && value > 1 ? Math.min(value, 100) : 1
}

/** Markdown with marks -> parts. */
function inOrder(markdown: string, parts: readonly HtmlPart[]): HtmlPart[] {
  return markdown.split(MARK).flatMap((piece, index): HtmlPart[] => {
    if (index % 2 === 1) {
      const part = parts[Number(piece)]
      return part ? [part] : []
    }
    const text = piece.trim()
    return text === '' ? [] : [{ type: 'markdown', text }]
  })
}
