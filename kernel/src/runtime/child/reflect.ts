// Completion and inspection of a dotted path by looking at values. No user code runs: property
// descriptors only, no getter, no proxy trap, nothing is evaluated.
import { types, inspect } from 'node:util'
import type { MimeBundle } from '../../protocol/mimebundle.ts'
import type { Completion } from '../runtime.ts'
import { userNames } from './declarations.ts'
import { className, find, holders } from './descriptors.ts'
import { moduleValues } from './module-names.ts'
import {
  Array,
  Function,
  Map,
  Math,
  Object,
  Reflect,
  RegExp,
  Set,
  String,
  realm,
} from '../../api/primordials.ts'

const KEYWORDS =
  'abstract any as async await boolean break case catch class const continue debugger declare default delete do else enum export extends false finally for from function get if implements import in infer instanceof interface is keyof let namespace never new null number object of private protected public readonly return satisfies set static string super switch symbol this throw true try type typeof undefined unknown using var void while yield'.split(
    ' ',
  )

const IDENTIFIER = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*`
const PATH_BEFORE = new RegExp(
  String.raw`(?<![\p{ID_Continue}$.)\]"'\x60#])((?:${IDENTIFIER}\s*\??\.\s*)*)(${IDENTIFIER})?$`,
  'u',
)
const WHOLE_NAME = new RegExp(`^${IDENTIFIER}$`, 'u')
const REST_OF_NAME = /^[\p{ID_Continue}$]*/u

const functionPrototype: Record<string, unknown> = {
  toString: Reflect.get(Function.prototype, 'toString'),
}

/** What every object has: listed last, and what is old only if it is typed for. */
const OF_ALL = new Set(Object.getOwnPropertyNames(Object.prototype))

/** How many UTF-16 units around the cursor are looked at. */
const LENGTH = 1000
/** Names listed for one object; arrays and strings may have millions of indices. */
const NAMES = 2000
/** Globals that Node makes by a getter of its own, safe to run. */
const NODE_GETTERS = ['process', 'Buffer', 'crypto', 'performance']

const nodeGetters = new Map(
  NODE_GETTERS.map((name) => [name, Reflect.getOwnPropertyDescriptor(realm, name)?.get]),
)

export function complete(code: string, cursor: number): Completion {
  const end = Math.min(Math.max(cursor, 0), code.length)
  const found = pathBefore(code.slice(0, end))
  const nothing = { matches: [], start: end, end }
  if (!found) return nothing
  const { path, prefix } = found
  const start = end - prefix.length
  if (path.length === 0) {
    if (prefix === '' && end > 0 && /[.)\]"'`\w]\s*$/.test(code.slice(0, end))) return nothing
    return { matches: globalMatches(prefix), start, end }
  }
  const base = resolve(path)
  if (!base) return nothing
  const names = namesOf(base.value).filter((name) => name.startsWith(prefix) && isIdentifier(name))
  const matches = [
    ...names.filter((name) => !OF_ALL.has(name)),
    ...names.filter((name) => OF_ALL.has(name) && (prefix !== '' || !name.startsWith('__'))),
  ].map((name) => ({ text: name, type: typeOf(find(base.value, name)?.value, 'property') }))
  return { matches, start, end }
}

export function inspectAt(
  code: string,
  cursor: number,
  detailLevel: 0 | 1,
): MimeBundle | undefined {
  const at = Math.min(Math.max(cursor, 0), code.length)
  const before = code.slice(Math.max(at - LENGTH, 0), at)
  const rest = REST_OF_NAME.exec(code.slice(at, at + LENGTH))?.[0] ?? ''
  // The name at the cursor, the function whose arguments it is in, the last name before it.
  for (const text of [
    before + rest,
    calleeBefore(before),
    rest === '' ? withoutMarks(before) : '',
  ]) {
    const found = pathBefore(text)
    const path = found && found.prefix !== '' ? [...found.path, found.prefix] : undefined
    const resolved = path && resolve(path)
    if (path && resolved) return inspection(path, resolved.value, detailLevel)
  }
  return undefined
}

/** The text before the bracket of a call that is still open at the end. */
function calleeBefore(text: string): string {
  let depth = 0
  for (let at = text.length - 1; at >= 0; at--) {
    const character = text.charAt(at)
    if ('"\'`'.includes(character)) {
      const open = text.lastIndexOf(character, at - 1)
      if (at > 0 && open >= 0) at = open
    } else if (')]}'.includes(character)) depth += 1
    else if ('([{'.includes(character) && depth > 0) depth -= 1
    else if (character === '(') {
      const callee = text.slice(0, at).trimEnd()
      return callee.endsWith('?.') ? callee.slice(0, -2) : callee
    }
  }
  return ''
}

function withoutMarks(text: string): string {
  let end = text.length
  while (end > 0 && /\W/u.test(text.charAt(end - 1))) end -= 1
  return text.slice(0, end)
}

function inspection(path: readonly string[], value: unknown, detailLevel: 0 | 1): MimeBundle {
  const name = path.join('.')
  if (typeof value !== 'function') {
    return { 'text/plain': `${name}: ${typeName(value)}\n\n${shown(value)}` }
  }
  const source = types.isProxy(value) ? '' : sourceOf(value)
  const head = source.startsWith('class') ? source.slice(0, source.indexOf('{')) : firstLine(source)
  // The compiler assigns functions to their names.
  const signature = head.replace(/^((?:async )?function\*?) \(/, `$1 ${path.at(-1)}(`)
  return { 'text/plain': detailLevel === 1 ? `${name}\n\n${source}` : `${name}: ${signature}` }
}

/** Not by a `toString` of the user's. */
function sourceOf(value: object): string {
  const toString: unknown = functionPrototype['toString']
  return typeof toString === 'function' ? String(Reflect.apply(toString, value, [])) : ''
}

function firstLine(source: string): string {
  return source.split('\n', 1)[0] ?? ''
}

function pathBefore(text: string): { path: string[]; prefix: string } | undefined {
  const match = PATH_BEFORE.exec(text.slice(-LENGTH))
  if (!match) return undefined
  const path = match[1]!
    .split(/\??\./)
    .map((name) => name.trim())
    .filter((name) => name !== '')
  return { path, prefix: match[2] ?? '' }
}

function resolve(path: readonly string[]): { value: unknown } | undefined {
  let value: unknown = realm
  for (const [index, name] of path.entries()) {
    const descriptor = index === 0 ? ofCell(name) : find(value, name)
    if (!descriptor) return undefined
    if ('value' in descriptor) value = descriptor.value
    else if (index === 0 && isHarmless(name, descriptor)) {
      value = Reflect.get(realm, name)
    } else return undefined
  }
  return { value }
}

/** What a name means at the top level of a cell. */
function ofCell(name: string): PropertyDescriptor | undefined {
  if (name === 'globalThis') return { value: realm }
  return find(realm, name) ?? Reflect.getOwnPropertyDescriptor(moduleValues, name)
}

/** A getter of Node's own, or the live binding of an import, which only reads the module. */
function isHarmless(name: string, descriptor: PropertyDescriptor): boolean {
  const get: unknown = Reflect.get(descriptor, 'get')
  if (typeof get !== 'function') return false
  return nodeGetters.get(name) === get || get.name === '__jupyterpost_import'
}

function namesOf(value: unknown): string[] {
  const names = new Set<string>()
  for (const holder of holders(value)) {
    // Listing the keys of a typed array or a long string would create a name for each element.
    const isIndexed =
      types.isTypedArray(holder) || types.isStringObject(holder) || Array.isArray(holder)
    const keys =
      isIndexed && holder.length > NAMES ? ['length'] : Object.getOwnPropertyNames(holder)
    for (const key of keys.slice(0, NAMES)) names.add(key)
  }
  return [...names]
}

function globalMatches(prefix: string): Completion['matches'] {
  const own = [...userNames].filter((name) => Reflect.getOwnPropertyDescriptor(realm, name))
  const all = [...own, ...Object.keys(moduleValues), ...namesOf(realm)]
  const names = new Set(all.filter((name) => name.startsWith(prefix)))
  const matches = [...names]
    .filter((name) => isIdentifier(name) && !name.startsWith('__jupyterpost'))
    .map((name) => ({ text: name, type: typeOf(ofCell(name)?.value, 'instance') }))
  const keywords = KEYWORDS.filter((word) => word.startsWith(prefix) && !names.has(word))
  return [...matches, ...keywords.map((text) => ({ text, type: 'keyword' }))]
}

function typeOf(value: unknown, other: 'instance' | 'property'): string {
  if (typeof value !== 'function') return other
  return sourceOf(value).startsWith('class') ? 'class' : 'function'
}

function typeName(value: unknown): string {
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value
  return className(value) || 'object'
}

function shown(value: unknown): string {
  return inspect(value, {
    customInspect: false,
    getters: false,
    depth: 2,
    maxStringLength: 2000,
  }).slice(0, 10_000)
}

function isIdentifier(name: string): boolean {
  return WHOLE_NAME.test(name)
}
