// JSX without a library: what the elements of a cell become where the folder has no React or the
// like. `jsx` and `jsxs` are what compilers call, with children among the props.
import { ELEMENT, renderMarkup } from './markup.ts'
import type { TypeOfElement, Props } from './markup.ts'
import { Object, Symbol, TypeError, listOf } from './primordials.ts'

const INSPECT = Symbol.for('nodejs.util.inspect.custom')

/** What `<b>hi</b>` is: shown as its markup, and as text its markup too. */
export class JsxElement {
  readonly $$typeof: symbol = ELEMENT
  readonly type: TypeOfElement
  readonly props: Props

  constructor(type: TypeOfElement, props: Props) {
    this.type = type
    this.props = props
    Object.freeze(this)
  }

  /** Its markup; a promise of it if one of its components is async. */
  render(): string | Promise<string> {
    return renderMarkup(this)
  }

  /** Of elements that are one value, such as a list. */
  renderAll(elements: unknown): string | Promise<string> {
    return renderMarkup(elements)
  }

  /** @throws {TypeError} if one of its components is async. */
  toString(): string {
    const markup = renderMarkup(this)
    if (typeof markup === 'string') return markup
    // Nobody waits for it any more.
    markup.catch(() => undefined)
    throw new TypeError('An async component has no text yet: await the element’s render()')
  }

  /** Inside other values, where only a line of it is shown. */
  [INSPECT](): string {
    return `<${nameOfType(this.type)}>`
  }
}

export function Fragment({ children }: { children?: unknown }): unknown {
  return children
}

/** `key` is for libraries that update a page. */
export function jsx(type: TypeOfElement, props: Props | null): JsxElement {
  if (typeof type !== 'string' && typeof type !== 'function') {
    throw new TypeError(
      `Expected the name of an element or a component, got ${type === null ? 'null' : typeof type}`,
    )
  }
  return new JsxElement(type, props ?? {})
}

export const jsxs = jsx

/** The same, with children as arguments. */
export function createElement(
  type: TypeOfElement,
  props: Props | null,
  ...children: unknown[]
): JsxElement {
  if (children.length === 0) return jsx(type, props)
  const all = listOf(children)
  return jsx(type, { ...props, children: all.length === 1 ? all[0] : all })
}

function nameOfType(type: TypeOfElement): string {
  if (typeof type === 'string') return type
  return type === Fragment ? '' : type.name || 'Component'
}

/** For the type checker: any element with any attribute. */
export declare namespace JSX {
  type Element = JsxElement
  /** Components may be async, or give a list. */
  type ElementType = string | ((props: never) => unknown)
  interface ElementChildrenAttribute {
    children: unknown
  }
  interface IntrinsicAttributes {
    key?: string | number
  }
  interface IntrinsicElements {
    [name: string]: Record<string, unknown>
  }
}
