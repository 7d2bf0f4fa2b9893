// Parses HTML into a tree of elements and text; no other place does. Time and memory are
// proportional to its length: HTML that nests too deeply or has too many elements is refused,
// because the parser looks through all open elements at each end tag.
import { Parser } from 'htmlparser2'

export interface HtmlElement {
  /** In lower case, except for names of SVG such as `linearGradient`. */
  name: string
  /** Names in lower case, except inside SVG. */
  attributes: ReadonlyMap<string, string>
  children: HtmlNode[]
  /** What a `<script>` outside drawings contains, which is no child because it is never shown. */
  script?: string
  /** Whether it had an end tag. */
  isClosed: boolean
}

export interface HtmlText {
  text: string
}

export type HtmlNode = HtmlElement | HtmlText

/** The message is a clause about the HTML: `it nests more than 500 levels`. */
export class UnreadableHtml extends Error {
  override name = 'UnreadableHtml'
}

/** Real pages, even with tables inside tables, have some dozens of levels. */
const MOST_NESTED = 500
/** Twice the elements of a table with the most cells and rows that a post may have. */
const MOST_ELEMENTS = 250_000

/** Elements that are left out, with everything in them. */
const NEVER_SHOWN = new Set(
  'style head title template noscript noframes noembed iframe object'.split(' '),
)
/**
 * An element of a table -> the elements that it belongs in, the nearest of which is its parent. So
 * it ends the one before it, even if elements inside that one are still open.
 */
const OWNERS = new Map<string, readonly string[]>([
  ...['td', 'th'].map((name) => [name, ['tr']] as const),
  ['tr', ['thead', 'tbody', 'tfoot', 'table']],
  ...['thead', 'tbody', 'tfoot'].map((name) => [name, ['table']] as const),
])
const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map()

/** @throws {UnreadableHtml} */
export function parseHtml(html: string): HtmlElement {
  const builder = new TreeBuilder()
  const parser = new Parser(builder, { lowerCaseAttributeNames: false })
  parser.end(html)
  return builder.root
}

export function isElement(node: HtmlNode): node is HtmlElement {
  return 'children' in node
}

class TreeBuilder {
  readonly root = element('')
  /** The elements that are open in the parser. */
  readonly #open: HtmlElement[] = [this.root]
  /** Number of open elements from the outermost one that is never shown. */
  #hidden = 0
  /** Number of open elements from the outermost `<svg>`. */
  #drawing = 0
  #elements = 0

  onopentag(name: string, attributes: Record<string, string>): void {
    if (this.#open.length + this.#hidden > MOST_NESTED)
      throw new UnreadableHtml(`it nests more than ${MOST_NESTED} levels`)
    if (++this.#elements > MOST_ELEMENTS)
      throw new UnreadableHtml(`it has more than ${MOST_ELEMENTS} elements`)
    if (this.#hidden > 0 || (this.#drawing === 0 && NEVER_SHOWN.has(name))) {
      this.#hidden += 1
      return
    }
    if (this.#drawing > 0 || name === 'svg') this.#drawing += 1
    const opened = element(name, attributesOf(attributes, this.#drawing > 0))
    this.#parentOf(name).children.push(opened)
    this.#open.push(opened)
  }

  onclosetag(_name: string, isImplied: boolean): void {
    if (this.#hidden > 0) {
      this.#hidden -= 1
      return
    }
    if (this.#drawing > 0) this.#drawing -= 1
    const closed = this.#open.pop()
    if (closed) closed.isClosed = !isImplied
  }

  ontext(text: string): void {
    const parent = this.#open.at(-1)
    if (this.#hidden > 0 || !parent) return
    if (this.#drawing === 0 && parent.name === 'script') {
      parent.script = (parent.script ?? '') + text
      return
    }
    const last = parent.children.at(-1)
    // The parser reports each entity separately.
    if (last && !isElement(last)) last.text += text
    else parent.children.push({ text })
  }

  /**
   * The parser ends a cell without an end tag at the next cell only if nothing else is open in it,
   * so the parent of a cell is found here.
   */
  #parentOf(name: string): HtmlElement {
    const innermost = this.#open.at(-1) ?? this.root
    const owners = this.#drawing > 0 ? undefined : OWNERS.get(name)
    if (!owners) return innermost
    const isEnd = (open: HtmlElement) => owners.includes(open.name) || open.name === 'table'
    const found = this.#open.findLast(isEnd)
    return found && owners.includes(found.name) ? found : innermost
  }
}

function element(name: string, attributes = NO_ATTRIBUTES): HtmlElement {
  return { name, attributes, children: [], isClosed: false }
}

/** If several attributes have the same name, the first one counts, as in a browser. */
function attributesOf(
  given: Record<string, string>,
  isDrawing: boolean,
): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>()
  for (const [key, value] of Object.entries(given)) {
    const name = isDrawing ? key : key.toLowerCase()
    if (!attributes.has(name)) attributes.set(name, value)
  }
  return attributes.size === 0 ? NO_ATTRIBUTES : attributes
}

/** All text below a node, unchanged. */
export function textOf(node: HtmlNode): string {
  const parts: string[] = []
  for (const one of inOrder(node)) if (!isElement(one)) parts.push(one.text)
  return parts.join('')
}

/** A node and all nodes below it, in the order of the HTML. */
export function* inOrder(node: HtmlNode): Generator<HtmlNode, void> {
  const waiting = [node]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    yield next
    if (!isElement(next)) continue
    for (let at = next.children.length - 1; at >= 0; at--) {
      const child = next.children[at]
      if (child) waiting.push(child)
    }
  }
}
