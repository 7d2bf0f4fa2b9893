// What a value consists of, one level at a time and bounded: keys and members of objects, lists,
// maps and sets. No code of the value runs.
import { types } from 'node:util'
import {
  Array,
  Map,
  Math,
  Number,
  Object,
  Reflect,
  Set,
  String,
  Uint8Array,
  uncurry,
} from '../../api/primordials.ts'
import { className, hasOwnText } from './descriptors.ts'

export interface Entry {
  /** The key as text; empty for a member of a set. */
  key: string
  value: unknown
  /** `[Getter]` and the like instead of a value: it was not run. */
  accessor?: string
}

const mapEntries = uncurry(Map.prototype, 'entries')
const setValues = uncurry(Set.prototype, 'values')
const mapSize = getterOf(Map.prototype, 'size')
const setSize = getterOf(Set.prototype, 'size')
const typedArrayLength = getterOf(Reflect.getPrototypeOf(Uint8Array.prototype), 'length')

export type Kind = 'map' | 'set' | 'list' | 'object'

/**
 * How to look into the value; undefined for one piece: primitives, functions, dates, proxies,
 * objects that print themselves.
 */
export function kindOf(value: unknown): Kind | undefined {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return undefined
  if (hasOwnText(value)) return undefined
  if (types.isMap(value)) return 'map'
  if (types.isSet(value)) return 'set'
  if (Array.isArray(value) || types.isTypedArray(value)) return 'list'
  const isOnePiece =
    types.isNativeError(value) ||
    types.isDate(value) ||
    types.isRegExp(value) ||
    types.isPromise(value) ||
    types.isAnyArrayBuffer(value) ||
    types.isDataView(value) ||
    types.isBoxedPrimitive(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    types.isGeneratorObject(value) ||
    types.isModuleNamespaceObject(value) ||
    types.isExternal(value)
  return isOnePiece ? undefined : 'object'
}

/** Number of entries. */
export function sizeOf(value: object, kind: Kind): number {
  if (kind === 'map') return mapSize(value)
  if (kind === 'set') return setSize(value)
  if (kind === 'object') return Object.keys(value).length
  return Array.isArray(value) ? value.length : typedArrayLength(value)
}

/** The entries from `start`, at most `limit` of them. */
export function entriesOf(value: object, kind: Kind, start: number, limit: number): Entry[] {
  if (kind === 'list') return listEntries(value, start, limit)
  if (kind === 'object') {
    const keys = Object.keys(value).slice(start, start + limit)
    return keys.map((key) => entryOf(value, key, key))
  }
  const entries: Entry[] = []
  let index = 0
  for (const entry of iterate(value, kind)) {
    if (index >= start) entries.push(entry)
    index += 1
    if (entries.length >= limit) break
  }
  return entries
}

function* iterate(value: object, kind: 'map' | 'set'): Generator<Entry> {
  if (kind === 'map') {
    for (const [key, item] of mapEntries(value)) yield { key: keyText(key), value: item }
  } else {
    for (const item of setValues(value)) yield { key: '', value: item }
  }
}

function listEntries(value: object, start: number, limit: number): Entry[] {
  const entries: Entry[] = []
  const end = Math.min(sizeOf(value, 'list'), start + limit)
  for (let index = start; index < end; index++) {
    entries.push(entryOf(value, String(index), String(index)))
  }
  return entries
}

function entryOf(holder: object, property: string, key: string): Entry {
  const descriptor = Reflect.getOwnPropertyDescriptor(holder, property)
  if (!descriptor) return { key, value: undefined, accessor: '<empty>' }
  if ('value' in descriptor) return { key, value: descriptor.value }
  const accessor =
    descriptor.get && descriptor.set ? '[Getter/Setter]' : descriptor.get ? '[Getter]' : '[Setter]'
  return { key, value: undefined, accessor }
}

function keyText(key: unknown): string {
  if (typeof key === 'string') return key
  if (typeof key === 'object' && key !== null) {
    return types.isProxy(key) ? '[Proxy]' : `[${className(key) || 'Object'}]`
  }
  return typeof key === 'function' ? '[Function]' : String(key)
}

/** A built-in getter that gives a number, as a function. */
function getterOf(prototype: object | null, name: string): (value: object) => number {
  const get = prototype ? Reflect.getOwnPropertyDescriptor(prototype, name)?.get : undefined
  return (value) => (get ? Number(Reflect.apply(get, value, [])) : 0)
}
