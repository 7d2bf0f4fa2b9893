// What `%who` and `%whos` print of the names that cells declared. No getter and no proxy trap runs.
import { inspect, types } from 'node:util'
import { Function, Math, Reflect, Set, String, realm } from '../../api/primordials.ts'
import { userNames } from './declarations.ts'
import { className } from './descriptors.ts'

/** Characters of a value, names of `%who` on a line. */
const VALUE = 70
const COLUMNS = 80

interface Declared {
  name: string
  type: string
  value: unknown
}

const functionToString: unknown = Reflect.get(Function.prototype, 'toString')

/** @param wanted - Types, all without one. */
export function namesText(wanted: readonly string[], detailed: boolean): string {
  const only = new Set(wanted)
  const names = declared().filter(({ type }) => only.size === 0 || only.has(type))
  if (names.length === 0) {
    return only.size === 0 ? 'No cell has declared a name.\n' : 'No name has this type.\n'
  }
  return detailed ? table(names) : list(names)
}

function declared(): Declared[] {
  const found: Declared[] = []
  for (const name of userNames) {
    const descriptor = Reflect.getOwnPropertyDescriptor(realm, name)
    if (!descriptor) continue
    // An import reads its module; another getter waits for its declaration.
    const isImport = descriptor.get?.name === '__jupyterpost_import'
    if (!('value' in descriptor) && !isImport) continue
    const value: unknown = isImport ? Reflect.get(realm, name) : descriptor.value
    found.push({ name, type: typeOf(value), value })
  }
  return found
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (typeof value === 'function') {
    return !types.isProxy(value) && sourceOf(value).startsWith('class') ? 'class' : 'function'
  }
  if (typeof value !== 'object') return typeof value
  return types.isProxy(value) ? 'Proxy' : className(value) || 'object'
}

function sourceOf(value: object): string {
  return typeof functionToString === 'function'
    ? String(Reflect.apply(functionToString, value, []))
    : ''
}

function list(names: readonly Declared[]): string {
  let text = ''
  let column = 0
  for (const { name } of names) {
    const isFirst = column === 0
    const isFull = !isFirst && column + 2 + name.length > COLUMNS
    text += `${isFirst ? '' : isFull ? '\n' : '  '}${name}`
    column = isFull || isFirst ? name.length : column + 2 + name.length
  }
  return `${text}\n`
}

function table(names: readonly Declared[]): string {
  const rows = [
    ['Name', 'Type', 'Value'] as const,
    ...names.map(({ name, type, value }) => [name, type, shown(value)] as const),
  ]
  const [first, second] = [0, 1].map((column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  return rows
    .map(([name, type, value]) =>
      `${name.padEnd(first ?? 0)}  ${type.padEnd(second ?? 0)}  ${value}`.trimEnd(),
    )
    .map((row) => `${row}\n`)
    .join('')
}

function shown(value: unknown): string {
  const text = inspect(value, {
    breakLength: Infinity,
    compact: true,
    customInspect: false,
    depth: 1,
    getters: false,
    maxArrayLength: 20,
    maxStringLength: 2 * VALUE,
  })
    .split('\n')
    .join(' ')
  return text.length > VALUE ? `${text.slice(0, VALUE - 1)}…` : text
}
