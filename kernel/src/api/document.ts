// The type of a cell's `document` where no library brings the types of the DOM: what drawings and
// tables need, in the words of the DOM.

export interface CellNode {
  readonly nodeType: number
  readonly nodeName: string
  readonly ownerDocument: CellDocument | null
  readonly parentNode: CellNode | null
  readonly parentElement: CellElement | null
  readonly firstChild: CellNode | null
  readonly lastChild: CellNode | null
  readonly nextSibling: CellNode | null
  readonly previousSibling: CellNode | null
  readonly childNodes: ArrayLike<CellNode> & Iterable<CellNode>
  textContent: string | null
  appendChild<Child extends CellNode>(child: Child): Child
  insertBefore<Child extends CellNode>(child: Child, before: CellNode | null): Child
  removeChild<Child extends CellNode>(child: Child): Child
  cloneNode(deep?: boolean): this
  contains(other: CellNode | null): boolean
}

/** What has elements inside it. */
export interface CellParent extends CellNode {
  readonly children: ArrayLike<CellElement> & Iterable<CellElement>
  readonly firstElementChild: CellElement | null
  readonly lastElementChild: CellElement | null
  append(...nodes: Array<CellNode | string>): void
  prepend(...nodes: Array<CellNode | string>): void
  replaceChildren(...nodes: Array<CellNode | string>): void
  querySelector(selectors: string): CellElement | null
  querySelectorAll(selectors: string): ArrayLike<CellElement> & Iterable<CellElement>
}

export interface CellElement extends CellParent {
  readonly tagName: string
  readonly localName: string
  readonly namespaceURI: string | null
  readonly classList: {
    add(...names: string[]): void
    remove(...names: string[]): void
    toggle(name: string, force?: boolean): boolean
    contains(name: string): boolean
  }
  readonly style: Record<string, string> & {
    setProperty(name: string, value: string): void
    getPropertyValue(name: string): string
  }
  id: string
  className: string
  innerHTML: string
  outerHTML: string
  getAttribute(name: string): string | null
  setAttribute(name: string, value: string): void
  setAttributeNS(namespace: string | null, name: string, value: string): void
  hasAttribute(name: string): boolean
  removeAttribute(name: string): void
  getAttributeNames(): string[]
  closest(selectors: string): CellElement | null
  matches(selectors: string): boolean
  before(...nodes: Array<CellNode | string>): void
  after(...nodes: Array<CellNode | string>): void
  remove(): void
  replaceWith(...nodes: Array<CellNode | string>): void
  insertAdjacentHTML(where: string, html: string): void
  addEventListener(type: string, listener: (event: unknown) => void): void
}

export interface CellDocument extends CellParent {
  readonly documentElement: CellElement
  readonly head: CellElement
  readonly body: CellElement
  title: string
  createElement(name: string): CellElement
  createElementNS(namespace: string | null, name: string): CellElement
  createTextNode(text: string): CellNode
  createComment(text: string): CellNode
  createDocumentFragment(): CellParent
  getElementById(id: string): CellElement | null
}
