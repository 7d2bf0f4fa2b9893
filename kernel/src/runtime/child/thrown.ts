// A thrown value -> a message for the kernel process. No error of the user's (throwing getters,
// proxies, cycles) breaks this.
import { inspect, types } from 'node:util'
import type { ThrownError } from '../link.ts'
import { rawStack } from './stack-traces.ts'
import { Array, Error, Object, Reflect, Set, listOf } from '../../api/primordials.ts'

/** Bounds: characters of a message or stack, causes followed, errors of an AggregateError. */
const TEXT = 20_000
const DEPTH = 8
const ERRORS = 10
const SHOWN_OTHERWISE = new Set<PropertyKey>(['name', 'message', 'stack', 'cause', 'errors'])

export function describeThrown(thrown: unknown, depth = 0): ThrownError {
  if (!isError(thrown)) {
    return {
      name: typeof thrown === 'object' ? className(thrown) : typeof thrown,
      message: safeInspect(thrown),
      stack: '',
      value: safeInspect(thrown),
      properties: '',
    }
  }
  const cause = read(thrown, 'cause')
  const errors: unknown = read(thrown, 'errors')
  const described: ThrownError = {
    name: text(read(thrown, 'name')) || 'Error',
    message: text(read(thrown, 'message')),
    stack: rawStack(thrown, text(read(thrown, 'stack'))),
    properties: properties(thrown),
  }
  if (depth >= DEPTH) return described
  if (cause !== undefined) described.cause = describeThrown(cause, depth + 1)
  if (Array.isArray(errors)) {
    const members: unknown[] = listOf(errors)
    described.errors = members.slice(0, ERRORS).map((error) => describeThrown(error, depth + 1))
  }
  return described
}

function isError(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || types.isProxy(value)) return false
  return types.isNativeError(value) || Object.prototype.isPrototypeOf.call(Error.prototype, value)
}

function className(value: object | null): string {
  if (value === null) return 'null'
  if (types.isProxy(value)) return 'Proxy'
  const constructor = read(value, 'constructor')
  return typeof constructor === 'function' ? text(read(constructor, 'name')) || 'object' : 'object'
}

function properties(error: object): string {
  const own: Record<string, unknown> = {}
  for (const key of Object.keys(error)) {
    const value: unknown = SHOWN_OTHERWISE.has(key)
      ? undefined
      : Reflect.getOwnPropertyDescriptor(error, key)?.value
    if (value !== undefined) own[key] = value
  }
  return Object.keys(own).length > 0 ? safeInspect(own) : ''
}

function read(target: object, key: string): unknown {
  try {
    return Reflect.get(target, key)
  } catch {
    // A getter of the user's threw: as good as absent.
    return undefined
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, TEXT) : ''
}

function safeInspect(value: unknown): string {
  try {
    return inspect(value, { breakLength: Infinity, depth: 2, maxStringLength: 1000 }).slice(0, TEXT)
  } catch {
    // A custom inspect method threw.
    return typeof value
  }
}
