// Elements of JSX libraries -> markup, by the library's own renderer, which is loaded from the
// notebook's folder when an element is first shown. What a component throws is the cell's error.
import { types } from 'node:util'
import type { MimeBundle } from '../../protocol/mimebundle.ts'
import { Array, Error, Reflect, Symbol } from '../../api/primordials.ts'
import { find, ownValue } from './descriptors.ts'
import { jsxText } from './jsx-text.ts'
import { standalone } from './standalone-svg.ts'
import { settled } from './user-promises.ts'

type Library = 'own' | 'react' | 'preact' | 'vue'

interface Renderer {
  module: string
  /** What brings it. */
  package: string
  names: readonly string[]
}

const RENDERERS: Readonly<Record<Exclude<Library, 'own'>, Renderer>> = {
  react: {
    module: 'react-dom/server',
    package: 'react-dom',
    names: ['renderToStaticMarkup'],
  },
  preact: {
    module: 'preact-render-to-string',
    package: 'preact-render-to-string',
    names: ['renderToStaticMarkup', 'renderToString', 'render'],
  },
  vue: { module: 'vue/server-renderer', package: 'vue', names: ['renderToString'] },
}

/** Items of a list that are looked at, to see that all are elements. */
const ITEMS = 10_000

const KINDS: ReadonlyArray<readonly [symbol, Library]> = [
  [Symbol.for('jupyterpost.element'), 'own'],
  [Symbol.for('react.transitional.element'), 'react'],
  // Before React 19.
  [Symbol.for('react.element'), 'react'],
]

let importModule: (specifier: string) => Promise<object> = () => {
  throw new Error('nothing can be imported yet')
}

/** Called once, before the first cell. */
export function provideImport(from: (specifier: string) => Promise<object>): void {
  importModule = from
}

/** Undefined if the value is no element, and no list of elements. */
export function jsxForm(value: object): MimeBundle | Promise<MimeBundle> | undefined {
  if (types.isProxy(value)) return undefined
  const library = libraryOf(value) ?? libraryOfList(value)
  if (library === undefined) return undefined
  const text = jsxText(value)
  if (library === 'own') {
    const markup = ownMarkup(value)
    return types.isPromise(markup)
      ? settled(markup).then((done) => bundle(done.value, text))
      : bundle(markup, text)
  }
  return byRenderer(value, RENDERERS[library], text)
}

function libraryOf(value: object): Library | undefined {
  if (types.isProxy(value)) return undefined
  const mark = ownValue(value, '$$typeof')
  if (typeof mark === 'symbol') return KINDS.find(([kind]) => kind === mark)?.[1]
  if (ownValue(value, '__v_isVNode') === true) return 'vue'
  return isPreact(value) ? 'preact' : undefined
}

/** Its elements say that they were made by no constructor. */
function isPreact(value: object): boolean {
  const made = Reflect.getOwnPropertyDescriptor(value, 'constructor')
  if (!made || !(made.value === undefined || typeof made.value === 'symbol')) return false
  return ['type', 'props', '__v', '__k'].every(
    (name) => Reflect.getOwnPropertyDescriptor(value, name) !== undefined,
  )
}

function libraryOfList(value: object): Library | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > ITEMS) return undefined
  const list: readonly unknown[] = value
  const [first] = kindsOf(list, 1)
  if (first === undefined || first === 'vue') return undefined
  return kindsOf(list, list.length).every((kind) => kind === first) ? first : undefined
}

function kindsOf(list: readonly unknown[], count: number): Array<Library | undefined> {
  const kinds: Array<Library | undefined> = []
  for (let index = 0; index < count; index++) {
    const item = ownValue(list, index)
    kinds.push(typeof item === 'object' && item !== null ? libraryOf(item) : undefined)
  }
  return kinds
}

function ownMarkup(value: object): unknown {
  const element: unknown = Array.isArray(value) ? ownValue(value, '0') : value
  const render: unknown = find(element, 'renderAll')?.value
  return typeof render === 'function' ? Reflect.apply(render, element, [value]) : ''
}

async function byRenderer(value: object, renderer: Renderer, text: string): Promise<MimeBundle> {
  let module: object
  try {
    module = await importModule(renderer.module)
  } catch (error) {
    const said = `[shown as HTML once its renderer is there: %npm add ${renderer.package}]`
    if (isMissing(error)) return { 'text/plain': `${text}\n${said}` }
    throw error
  }
  const render = renderer.names
    .map((name) => functionOf(module, name))
    .find((one) => one !== undefined)
  if (!render) throw new Error(`${renderer.module} has no ${renderer.names[0]}`)
  const markup: unknown = Reflect.apply(render, undefined, [value])
  return bundle(types.isPromise(markup) ? (await settled(markup)).value : markup, text)
}

function isMissing(error: unknown): boolean {
  if (!types.isNativeError(error)) return false
  const code: unknown = Reflect.get(error, 'code')
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND'
}

/** Exports of CommonJS may be only in `default`. */
function functionOf(module: object, name: string): ((...args: unknown[]) => unknown) | undefined {
  for (const holder of [module, Reflect.get(module, 'default')]) {
    const found: unknown =
      typeof holder === 'object' && holder !== null ? Reflect.get(holder, name) : undefined
    if (isFunction(found)) return found
  }
  return undefined
}

function isFunction(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === 'function'
}

/** An element that is a drawing is a picture, in chats too. */
function bundle(markup: unknown, text: string): MimeBundle {
  const html = typeof markup === 'string' ? markup : ''
  return html.startsWith('<svg') && html.endsWith('</svg>')
    ? { 'image/svg+xml': standalone(html), 'text/plain': text }
    : { 'text/html': html, 'text/plain': text }
}
