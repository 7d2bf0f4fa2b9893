// Tokens of markdown as elements. Only the tags and attributes listed here are taken over.
import type { Token } from 'markdown-it'
import type { Allowance } from './allowance.ts'
import { make, makeLater, makePre } from './dom.ts'
import { isEmbeddedImage, isLink, parseDocument, parseMessage } from './markdown-parser.ts'
import { texView } from './tex-view.ts'

const TAGS = [
  ...(['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'ul', 'ol', 'li'] as const),
  ...(['table', 'thead', 'tbody', 'tr', 'th', 'td', 'em', 'strong', 's'] as const),
]

/** UTF-16 units; text longer than anybody reads stays as typed. */
const MOST = 100_000
const OUTSIDE = { target: '_blank', rel: 'noopener noreferrer nofollow' } as const

export function messageView(text: string, allowance: Allowance): HTMLElement {
  return view('message', text, parseMessage, allowance)
}

export function documentView(text: string, allowance: Allowance): HTMLElement {
  return view('markdown', text, parseDocument, allowance)
}

function view(
  name: string,
  text: string,
  parse: (text: string) => Token[],
  allowance: Allowance,
): HTMLElement {
  const place = make('div', { class: name })
  const fill = () => place.replaceChildren(tokensView(parse(text), allowance))
  if (text.length <= MOST && allowance.take('markdown', text.length)) fill()
  else {
    place.append(makePre(text, {}))
    if (text.length <= MOST) {
      const show = makeLater('show as markdown', () => '')
      show.addEventListener('click', fill)
      place.append(show)
    }
  }
  return place
}

function tokensView(tokens: readonly Token[], allowance: Allowance): DocumentFragment {
  const fragment = document.createDocumentFragment()
  const open: ParentNode[] = [fragment]
  for (const token of tokens) {
    const parent = open.at(-1) ?? fragment
    if (token.nesting === -1) {
      if (!token.hidden && open.length > 1) open.pop()
    } else if (token.nesting === 1) {
      // Paragraphs of a tight list are not shown as paragraphs.
      if (token.hidden) continue
      const element = elementOf(token)
      parent.append(isTable(token) ? framed(element) : element)
      open.push(element)
    } else parent.append(...leaf(token, allowance))
    if (token.hidden && token.nesting === -1) parent.append('\n')
  }
  return fragment
}

/** An attribute that the parser made. */
function attribute(token: Token, name: string): string {
  return String(token.attrGet(name) ?? '')
}

function elementOf(token: Token): HTMLElement {
  if (token.type === 'link_open') {
    const href = attribute(token, 'href')
    // An embedded image is not something to link to.
    if (!isLink(href)) return make('span')
    return make('a', { href, ...OUTSIDE, title: attribute(token, 'title') || undefined })
  }
  const element = make(TAGS.find((tag) => tag === token.tag) ?? 'span')
  const start = Number(attribute(token, 'start') || NaN)
  if (element instanceof HTMLOListElement && Number.isInteger(start)) element.start = start
  const align = /^text-align:(left|center|right)$/.exec(attribute(token, 'style'))?.[1]
  if (align !== undefined) element.style.textAlign = align
  return element
}

function isTable({ type }: Token): boolean {
  return type === 'table_open'
}

/** A table scrolls by itself, so it must be reachable by keyboard. */
export function framed(table: HTMLElement): HTMLElement {
  const frame = { class: 'table', role: 'region', 'aria-label': 'Table', tabindex: '0' }
  return make('div', frame, table)
}

function leaf(token: Token, allowance: Allowance): (Node | string)[] {
  const { type, content } = token
  switch (type) {
    case 'inline':
      return [tokensView(token.children ?? [], allowance)]
    case 'text':
    case 'text_special':
      return [content]
    case 'softbreak':
      return ['\n']
    case 'hardbreak':
      return [make('br'), '\n']
    case 'code_inline':
      return [make('code', {}, content)]
    case 'hr':
      return [make('hr')]
    case 'math':
      return [texView(content, token.markup === '$$', allowance)]
    case 'image':
      return [imageOf(token)]
    case 'code_block':
      return [codeView(content, '')]
    case 'fence':
      return [fenceOf(token, allowance)]
    default:
      // A kind of token unknown to this page is shown as its text.
      return content === '' ? [] : [content]
  }
}

/** Only images in the post itself: another server would learn who reads. */
function imageOf(token: Token): HTMLElement {
  const src = attribute(token, 'src')
  const alt = token.content || 'image'
  if (isEmbeddedImage(src)) return make('img', { src, alt })
  return isLink(src) ? make('a', { href: src, ...OUTSIDE }, alt) : make('span', {}, alt)
}

function fenceOf({ content, info }: Token, allowance: Allowance): HTMLElement {
  const language = info.trim().split(/\s/)[0] ?? ''
  if (language === 'latex') return make('div', { class: 'math' }, texView(content, true, allowance))
  return codeView(content, language)
}

export function codeView(text: string, language: string): HTMLElement {
  const pre = makePre(text, { 'data-language': language || undefined })
  const code = make('code')
  code.append(...pre.childNodes)
  pre.append(code)
  return pre
}
