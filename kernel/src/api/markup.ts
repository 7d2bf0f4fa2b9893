// Elements -> markup, as `renderToStaticMarkup` of React writes it. The steps wait in a list and
// not on the stack, so elements may nest deeply; a component that never ends is an error.
import { types } from 'node:util'
import { attributesOf } from './markup-attributes.ts'
import { escapeText, textOf } from './markup-text.ts'
import { Array, Error, Reflect, String, Symbol, TypeError, listOf } from './primordials.ts'

/** Marks elements of our own JSX runtime. */
export const ELEMENT = Symbol.for('jupyterpost.element')

export type Props = Readonly<Record<string, unknown>>
export type TypeOfElement = string | ((props: never) => unknown)

/** Bounds: elements and components inside each other, items of one list, characters of all. */
const DEPTH = 10_000
const ITEMS = 1_000_000
const CHARACTERS = 50_000_000

const VOID = /^(?:area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr)$/
const TAG = /^[A-Za-z][\w.:-]*$/
/** Their text is not markup: browsers read it as it stands. */
const RAW = /^(?:script|style)$/

/** A promise if a component is async. */
export function renderMarkup(value: unknown): string | Promise<string> {
  return new Rendering(value).run()
}

interface Step {
  /** Undefined for text that is written as it stands. */
  depth: number | undefined
  value: unknown
}

class Rendering {
  /** The next is the last. */
  readonly #steps: Step[]
  #parts: string[] = []
  #length = 0

  constructor(value: unknown) {
    this.#steps = [{ value, depth: 0 }]
  }

  run(): string | Promise<string> {
    const waiting = this.#advance()
    return waiting ? this.#runOn(waiting) : this.#parts.join('')
  }

  async #runOn(first: Waiting): Promise<string> {
    for (let next: Waiting | undefined = first; next; next = this.#advance()) {
      this.#steps.push({ value: await next.promise, depth: next.depth })
    }
    return this.#parts.join('')
  }

  /** Goes on up to a component that is async. */
  #advance(): Waiting | undefined {
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) {
      const { value, depth } = step
      if (depth === undefined) this.#write(textOf(value))
      else if (types.isPromise(value)) return { promise: value, depth }
      else this.#node(value, depth)
    }
    return undefined
  }

  #write(text: string): void {
    this.#length += text.length
    if (this.#length > CHARACTERS) {
      throw new Error(`The markup of this element has more than ${CHARACTERS} characters`)
    }
    this.#parts.push(text)
  }

  #node(value: unknown, depth: number): void {
    if (value === null || value === undefined || typeof value === 'boolean') return
    if (typeof value === 'string') return this.#write(escapeText(value))
    if (typeof value === 'number' || typeof value === 'bigint') return this.#write(textOf(value))
    if (typeof value !== 'object') throw notAChild(value)
    if (isElement(value)) return this.#element(value, depth)
    const html: unknown = Reflect.get(value, 'outerHTML')
    if (typeof html === 'string') return this.#write(html)
    const items = itemsOf(value)
    if (!items) throw notAChild(value)
    this.#push(items, deeper(depth))
  }

  #push(items: readonly unknown[], depth: number): void {
    for (let index = items.length - 1; index >= 0; index--) {
      this.#steps.push({ value: items[index], depth })
    }
  }

  #element({ type, props }: MarkupElement, depth: number): void {
    if (typeof type !== 'string') {
      const made: unknown = isClass(type)
        ? renderClass(type, props)
        : Reflect.apply(type, undefined, [props])
      this.#steps.push({ value: made, depth: deeper(depth, type.name) })
      return
    }
    if (!TAG.test(type)) throw new TypeError(`<${type}> is no name of an element`)
    const start = `<${type}${attributesOf(type, props)}`
    if (VOID.test(type)) return this.#write(`${start}/>`)
    this.#write(`${start}>`)
    this.#steps.push({ value: `</${type}>`, depth: undefined })
    const html = innerHtml(props)
    if (html !== undefined) return this.#write(html)
    const children = type === 'textarea' ? (props['children'] ?? valueOf(props)) : props['children']
    if (RAW.test(type)) return this.#write(rawText(type, children))
    this.#steps.push({ value: children, depth: deeper(depth, type) })
  }
}

interface Waiting {
  promise: Promise<unknown>
  depth: number
}

function deeper(depth: number, name = ''): number {
  if (depth < DEPTH) return depth + 1
  const what = name === '' ? 'Elements' : `Elements, at last <${name}>,`
  throw new Error(`${what} are more than ${DEPTH} inside each other: does one contain itself?`)
}

interface MarkupElement {
  type: TypeOfElement
  props: Props
}

function isElement(value: object): value is MarkupElement {
  return Reflect.get(value, '$$typeof') === ELEMENT
}

type ComponentClass = new (props: Props) => { render(): unknown }

function isClass(type: object): type is ComponentClass {
  const prototype: unknown = Reflect.get(type, 'prototype')
  return (
    typeof prototype === 'object' &&
    prototype !== null &&
    typeof Reflect.get(prototype, 'render') === 'function'
  )
}

function renderClass(type: ComponentClass, props: Props): unknown {
  return new type(props).render()
}

/** Undefined if it is no list. */
function itemsOf(value: object): unknown[] | undefined {
  if (Array.isArray(value)) return listOf<unknown>(value)
  if (!isIterable(value)) return undefined
  const items: unknown[] = []
  for (const item of value) {
    if (items.length >= ITEMS) throw new Error(`A list in JSX has more than ${ITEMS} items`)
    items.push(item)
  }
  return items
}

function isIterable(value: object): value is Iterable<unknown> {
  return typeof Reflect.get(value, Symbol.iterator) === 'function'
}

function notAChild(value: unknown): TypeError {
  if (typeof value === 'function') {
    const name = value.name || 'Component'
    return new TypeError(`A function cannot stand inside an element: write <${name} /> or call it`)
  }
  if (typeof value !== 'object' || value === null) {
    return new TypeError(`A ${typeof value} cannot stand inside an element`)
  }
  const other = typeof Reflect.get(value, '$$typeof') === 'symbol' || 'props' in value
  const what = other
    ? 'An element of another library'
    : `An object with keys {${Reflect.ownKeys(value).slice(0, 5).map(String).join(', ')}}`
  return new TypeError(`${what} cannot stand inside an element`)
}

function innerHtml(props: Props): string | undefined {
  const inner = props['dangerouslySetInnerHTML']
  if (typeof inner !== 'object' || inner === null) return undefined
  const html: unknown = Reflect.get(inner, '__html')
  return html === null || html === undefined ? undefined : textOf(html)
}

function valueOf(props: Props): unknown {
  return props['value'] ?? props['defaultValue']
}

/** Text that does not end its element early. */
function rawText(type: string, children: unknown): string {
  const items = Array.isArray(children) ? listOf<unknown>(children) : [children]
  const text = items
    .map((item) => (item === null || typeof item === 'boolean' ? '' : textOf(item ?? '')))
    .join('')
  return text.replaceAll(/<(?=\/(?:script|style)|!--)/gi, type === 'style' ? '\\3c ' : '\\x3c')
}
