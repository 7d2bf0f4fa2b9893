// Parses HTML into a tree of elements and text; no other place does. Time and memory are
// proportional to its length: HTML that nests too deeply or has too many elements is refused,
// because the parser looks through all open elements at each end tag.
import { Parser } from 'htmlparser2'

import { animationOf, isAnimated } from './animation.ts'
import { isHidden, onlyShown } from './hidden.ts'

export interface HtmlElement {
  /** In lower case, except for names of SVG such as `linearGradient`. */
  name: string
  /** Names in lower case, except inside SVG. */
  attributes: ReadonlyMap<string, string>
  children: HtmlNode[]
  /** What a `<script>` outside drawings contains: no child, because it is never shown. */
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
  /** For each of them, which of its children are shown (`onlyShown`). */
  readonly #shown: (string | undefined)[] = [undefined]
  /** Number of open elements from the outermost one that is not shown. */
  #hidden = 0
  /** Number of open forms: a label in one is for a control, which is not shown. */
  #forms = 0
  /** The text of the script that is open. */
  #script: string | undefined
  /** Pictures that wait for the script which puts something into them, by their `id`. */
  readonly #animated = new Map<string, HtmlElement>()
  /** Number of open elements from the outermost `<svg>`. */
  #drawing = 0
  #elements = 0

  onopentag(name: string, attributes: Record<string, string>): void {
    if (this.#open.length + this.#hidden > MOST_NESTED)
      throw new UnreadableHtml(`it nests more than ${MOST_NESTED} levels`)
    if (++this.#elements > MOST_ELEMENTS)
      throw new UnreadableHtml(`it has more than ${MOST_ELEMENTS} elements`)
    if (this.#hidden > 0) {
      this.#hidden += 1
      return
    }
    const isDrawing = this.#drawing > 0
    const own = attributesOf(attributes, isDrawing || name === 'svg')
    if (!isDrawing && (this.#isLeftOut(name) || isHidden(name, own))) {
      this.#hidden = 1
      if (name === 'script') this.#script = ''
      return
    }
    if (isDrawing || name === 'svg') this.#drawing += 1
    else if (name === 'form') this.#forms += 1
    const opened = element(name, own)
    this.#parentOf(name).children.push(opened)
    this.#open.push(opened)
    this.#shown.push(isDrawing ? undefined : onlyShown(name, own))
    if (name === 'img' && !own.has('src') && isAnimated(own))
      this.#animated.set(own.get('id') ?? '', opened)
  }

  onclosetag(_name: string, isImplied: boolean): void {
    if (this.#hidden > 0) {
      this.#hidden -= 1
      this.#endScript()
      return
    }
    if (this.#drawing > 0) this.#drawing -= 1
    else if (this.#open.at(-1)?.name === 'form') this.#forms -= 1
    this.#shown.pop()
    const closed = this.#open.pop()
    if (closed) closed.isClosed = !isImplied
  }

  ontext(text: string): void {
    if (this.#script !== undefined) this.#script += text
    const parent = this.#open.at(-1)
    if (this.#hidden > 0 || !parent || this.#shown.at(-1) !== undefined) return
    const last = parent.children.at(-1)
    // The parser reports each entity separately.
    if (last && !isElement(last)) last.text += text
    else parent.children.push({ text })
  }

  /** Whether an element of this name is not shown because of those that it is in. */
  #isLeftOut(name: string): boolean {
    if (name === 'label' && this.#forms > 0) return true
    const shown = this.#shown.at(-1)
    if (shown === undefined) return false
    // `<details>` shows its first summary only.
    const isFurther = shown === 'summary' && this.#open.at(-1)?.children.length !== 0
    return name !== shown || isFurther
  }

  #endScript(): void {
    const script = this.#script
    if (script === undefined) return
    this.#script = undefined
    this.#open.at(-1)?.children.push({ ...element('script'), script })
    const animation = animationOf(script)
    const image = animation && this.#animated.get(animation.image)
    if (image) image.attributes = new Map(image.attributes).set('src', animation.first)
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

/**
 * All text below a node; undefined if it is longer than this, or in more than twice as many nodes.
 * Elements inside each other are not all searched to their ends.
 */
export function shortTextOf(node: HtmlNode, most: number): string | undefined {
  let text = ''
  let nodes = 0
  for (const one of inOrder(node)) {
    if (!isElement(one)) text += one.text
    if (text.length > most || ++nodes > 2 * most) return undefined
  }
  return text
}

/**
 * A node and all nodes below it, in the order of the HTML.
 *
 * @param without - Elements to pass over, with all nodes below them.
 */
export function* inOrder(
  node: HtmlNode,
  without?: (one: HtmlElement) => boolean,
): Generator<HtmlNode, void> {
  const waiting = [node]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (without && isElement(next) && without(next)) continue
    yield next
    if (!isElement(next)) continue
    for (let at = next.children.length - 1; at >= 0; at--) {
      const child = next.children[at]
      if (child) waiting.push(child)
    }
  }
}
