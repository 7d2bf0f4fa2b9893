// Looks at values without running their code: property descriptors only, no getter, no proxy trap.
import { types } from 'node:util'
import { Object, Reflect, Symbol } from '../../api/primordials.ts'

const INSPECT = Symbol.for('nodejs.util.inspect.custom')

/** A property of the value or of its prototypes, up to the first proxy. */
export function find(value: unknown, name: PropertyKey): PropertyDescriptor | undefined {
  for (const holder of holders(value)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(holder, name)
    if (descriptor) return descriptor
  }
  return undefined
}

/** The value of a property of its own; undefined for an accessor. The value is no proxy. */
export function ownValue(value: object, name: PropertyKey): unknown {
  return Reflect.getOwnPropertyDescriptor(value, name)?.value
}

/** The value, if an object, and its prototypes, up to the first proxy. */
export function holders(value: unknown): object[] {
  const found: object[] = []
  if (value === null || value === undefined) return found
  for (
    let holder: unknown =
      typeof value === 'object' || typeof value === 'function' ? value : Object(value);
    typeof holder === 'object' || typeof holder === 'function';
    holder = Reflect.getPrototypeOf(holder)
  ) {
    if (holder === null || types.isProxy(holder)) break
    found.push(holder)
  }
  return found
}

/**
 * A property as libraries offer it. An accessor runs only if a class defines it (`outerHTML` of a
 * DOM node, `numRows` of an Arrow table): an object's own accessor is the user's code. No proxy is
 * asked. Undefined also if the accessor throws.
 */
export function read(value: object, name: PropertyKey): unknown {
  const own = types.isProxy(value) ? undefined : Reflect.getOwnPropertyDescriptor(value, name)
  const descriptor = own ?? find(value, name)
  if (!descriptor) return undefined
  if ('value' in descriptor) return descriptor.value
  if (own) return undefined
  try {
    return Reflect.get(value, name)
  } catch {
    // As good as absent.
    return undefined
  }
}

/**
 * A property that a proxy answers: the value itself, or one that it inherits from. Undefined also
 * if the proxy throws, or if it answers everything, as mocks do: then the answer means nothing.
 */
export function throughProxy(value: object, name: symbol): unknown {
  if (!endsInProxy(value)) return undefined
  try {
    const answer: unknown = Reflect.get(value, name)
    if (answer === undefined) return undefined
    const unknown: unknown = Reflect.get(value, Symbol('nothing has this'))
    return unknown === undefined ? answer : undefined
  } catch {
    // As good as absent.
    return undefined
  }
}

function endsInProxy(value: object): boolean {
  for (
    let holder: object | null = value;
    holder !== null;
    holder = Reflect.getPrototypeOf(holder)
  ) {
    if (types.isProxy(holder)) return true
  }
  return false
}

/** Name of the class; `Object` for a plain object, empty if there is none. */
export function className(value: object): string {
  const constructor: unknown = find(value, 'constructor')?.value
  if (typeof constructor !== 'function' || types.isProxy(constructor)) return ''
  const name: unknown = Reflect.getOwnPropertyDescriptor(constructor, 'name')?.value
  return typeof name === 'string' ? name : ''
}

/** Whether the value defines its own text. */
export function hasOwnText(value: object): boolean {
  return typeof find(value, INSPECT)?.value === 'function'
}
