// The `document` of cells: made by linkedom when a cell first asks for it. It is no global, so that
// libraries still see that they run in Node; `%dom on` makes it one.
import { createRequire } from 'node:module'
import { Object, Reflect, TypeError, defineHidden, realm } from '../../api/primordials.ts'
import { moduleValues } from './module-names.ts'

/** Its own types are those of the DOM, which this program does not have. */
interface Linkedom {
  parseHTML(page: string): object
}

const loadLinkedom: (name: 'linkedom') => Linkedom = createRequire(import.meta.url)

const PAGE = '<!doctype html><html><head></head><body></body></html>'

/** Globals of a page besides `document` and `window`, for `instanceof` and the like. */
const CLASSES = [
  'Node',
  'Element',
  'HTMLElement',
  'SVGElement',
  'Text',
  'DocumentFragment',
  'Document',
  'DOMParser',
  'MutationObserver',
  'customElements',
  'getComputedStyle',
] as const

interface Page {
  document: object
  window: object
}

let made: Page | undefined
let isMaking = false
/** What `%dom on` made global. */
const globals: Record<string, unknown> = {}

/** A cell that declared the name, or `%dom on`, comes first. */
export function documentOfCells(): unknown {
  if (Reflect.getOwnPropertyDescriptor(realm, 'document')) return Reflect.get(realm, 'document')
  return page().document
}

/** Packages that are loaded meanwhile are ours. */
export function isMakingDom(): boolean {
  return isMaking
}

export function isDomGlobal(): boolean {
  return Object.keys(globals).some((name) => isOurs(name))
}

/**
 * Names that cells have taken for themselves stay theirs.
 *
 * @returns The names that are global now.
 */
export function makeDomGlobal(): string[] {
  const { document, window } = page()
  const wanted: Array<[string, unknown]> = [
    ['document', document],
    ['window', window],
    ...CLASSES.map((name): [string, unknown] => [name, Reflect.get(window, name)]),
  ]
  for (const [name, value] of wanted) {
    if (value === undefined || Reflect.getOwnPropertyDescriptor(realm, name)) continue
    globals[name] = value
    defineHidden(realm, name, value)
  }
  return Object.keys(globals).filter((name) => isOurs(name))
}

export function removeGlobalDom(): void {
  for (const name of Object.keys(globals)) {
    if (isOurs(name)) Reflect.deleteProperty(realm, name)
    Reflect.deleteProperty(globals, name)
  }
}

function isOurs(name: string): boolean {
  const now: unknown = Reflect.getOwnPropertyDescriptor(realm, name)?.value
  return now !== undefined && now === globals[name]
}

function page(): Page {
  if (made) return made
  isMaking = true
  let window: object
  try {
    window = loadLinkedom('linkedom').parseHTML(PAGE)
  } finally {
    isMaking = false
  }
  const document: unknown = Reflect.get(window, 'document')
  if (typeof document !== 'object' || document === null) throw new TypeError('no document')
  made = { document, window }
  moduleValues['document'] = document
  return made
}
