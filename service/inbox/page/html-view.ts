// HTML that a cell displayed, before the relay made markdown and pictures of it. The browser's own parser reads it into a document that runs
// and loads nothing; what is shown is made anew, of these tags and without any attribute but a link's address.
import type { Allowance } from './allowance.ts'
import { make } from './dom.ts'
import { isLink } from './markdown-parser.ts'
import { framed } from './markdown-view.ts'

const KEPT = `p h1 h2 h3 h4 h5 h6 blockquote ul ol li hr br table caption thead tbody tfoot tr th td em strong b i s del u code pre sub sup
  dl dt dd div span`.split(/\s+/) as readonly (keyof HTMLElementTagNameMap)[]
const HIDDEN = new Set(['script', 'style', 'template', 'noscript', 'svg', 'math', 'title', 'iframe'])
/** Nodes, like the cells of a table. */
const MOST = 20_000

/** Undefined if it shows no text. */
export function htmlView(html: string, allowance: Allowance): HTMLElement | undefined {
  const { body } = new DOMParser().parseFromString(html, 'text/html')
  const place = make('div', { class: 'markdown' })
  let left = Math.min(MOST, allowance.cells)
  const copy = (from: Node, to: Node): void => {
    for (const node of from.childNodes) {
      if (left === 0) return
      left -= 1
      if (node instanceof Text) to.appendChild(new Text(node.data))
      else if (node instanceof Element && !HIDDEN.has(node.localName)) {
        const shown = shell(node)
        to.appendChild(shown.localName === 'table' ? framed(shown) : shown)
        copy(node, shown)
      }
    }
  }
  copy(body, place)
  allowance.cells -= MOST - left
  if ((place.textContent ?? '').trim() === '') return undefined
  if (left === 0) place.append(make('p', { class: 'notice' }, 'The rest is not shown'))
  return place
}

function shell(element: Element): HTMLElement {
  const name = element.localName
  if (name === 'a') {
    const href = element.getAttribute('href') ?? ''
    if (isLink(href))
      return make('a', { href, target: '_blank', rel: 'noopener noreferrer nofollow' })
  }
  if (name === 'img') return make('em', {}, element.getAttribute('alt') ?? 'image')
  return make(KEPT.find((tag) => tag === name) ?? 'span')
}
