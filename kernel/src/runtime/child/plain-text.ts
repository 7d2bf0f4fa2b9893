// A value as text, by util.inspect: bounded in depth, members and characters, whatever its size.
// No getter and no proxy trap runs.
import { inspect } from 'node:util'
import { Object, Reflect } from '../../api/primordials.ts'
import { entriesOf, kindOf, sizeOf } from './value-entries.ts'

/** Bounds: characters of a text and of a string in it; members of a list or object; all values. */
const TEXT = 100_000
const STRING = 10_000
const MEMBERS = 200
const KEYS = 1000
const VALUES = 10_000
const DEPTH = 8

export function plainText(value: unknown): string {
  let text: string
  try {
    const maxStringLength = typeof value === 'string' ? TEXT : STRING
    const { shown, note } = withoutTheRest(value)
    const depth = depthWithin(value)
    text = inspect(shown, { depth, maxArrayLength: MEMBERS, maxStringLength, breakLength: 80 })
    text += note
  } catch (error) {
    text = `[cannot be shown: ${oneLine(error)}]`
  }
  return text.length > TEXT
    ? `${text.slice(0, TEXT)}\n... ${text.length - TEXT} more characters`
    : text
}

/** A value on one line, without colours: for messages of magics. */
export function oneLine(value: unknown): string {
  if (typeof value === 'string') return value
  try {
    return inspect(value, { depth: 4, breakLength: Infinity, compact: true, maxStringLength: TEXT })
  } catch {
    // Its own inspect method threw.
    return typeof value
  }
}

/** How deep to show a value, so that about `VALUES` values are shown. */
function depthWithin(value: unknown): number {
  let level: unknown[] = [value]
  let count = 0
  for (let depth = -1; depth < DEPTH; depth++) {
    const next: unknown[] = []
    for (const item of level) {
      const kind = kindOf(item)
      if (!kind || typeof item !== 'object' || item === null) continue
      const limit = kind === 'object' ? KEYS : MEMBERS
      count += kind === 'object' ? sizeOf(item, kind) : 0
      if (count > VALUES) break
      const members = entriesOf(item, kind, 0, limit)
      if (kind !== 'object') count += members.length
      for (const member of members) next.push(member.value)
      if (count > VALUES) break
    }
    if (count > VALUES) return depth < 0 ? 0 : depth
    if (next.length === 0) return DEPTH
    level = next
  }
  return DEPTH
}

/** `inspect` would list all keys of an object, even a million. */
function withoutTheRest(value: unknown): { shown: unknown; note: string } {
  const kind = kindOf(value)
  if (kind !== 'object' || typeof value !== 'object' || value === null) {
    return { shown: value, note: '' }
  }
  const keys = Object.keys(value)
  if (keys.length <= KEYS) return { shown: value, note: '' }
  const shown = {}
  Reflect.setPrototypeOf(shown, Reflect.getPrototypeOf(value))
  for (const key of keys.slice(0, KEYS)) {
    Object.defineProperty(shown, key, Reflect.getOwnPropertyDescriptor(value, key) ?? {})
  }
  return { shown, note: `\n... ${keys.length - KEYS} more properties` }
}
