// Roughly how many bytes a value keeps in memory: looks for a bounded time, by samples. No code of
// the value runs.
import { types } from 'node:util'
import {
  ArrayBuffer,
  Math,
  Number,
  Reflect,
  Set,
  Uint8Array,
  uncurryGetter,
} from '../../api/primordials.ts'
import { entriesOf, kindOf, sizeOf } from './value-entries.ts'
import type { Kind } from './value-entries.ts'

/** Objects looked at; members of each. The others count as much as these do on average. */
const OBJECTS = 1000
const SAMPLE = 50
/** Bytes of a reference, of an object without its members. */
const REFERENCE = 8
const OBJECT = 56

const typedArray = Reflect.getPrototypeOf(Uint8Array.prototype)
const viewLength = uncurryGetter(typedArray, 'byteLength')
const bufferLength = uncurryGetter(ArrayBuffer.prototype, 'byteLength')

interface Counted {
  value: unknown
  /** How many objects of its kind it stands for. */
  weight: number
}

export function retainedSize(value: unknown): number {
  const pending: Counted[] = [{ value, weight: 1 }]
  const seen = new Set<unknown>()
  let total = 0
  for (let looked = 0; looked < OBJECTS; looked++) {
    const next = pending.pop()
    if (!next) break
    const { value: item, weight } = next
    if (typeof item === 'string') total += weight * item.length
    if (typeof item !== 'object' || item === null || types.isProxy(item) || seen.has(item)) continue
    seen.add(item)
    const bytes = bytesOf(item)
    total += weight * (OBJECT + (bytes ?? 0))
    if (bytes !== undefined) continue
    const kind = kindOfMembers(item)
    const size = sizeOf(item, kind)
    total += weight * size * REFERENCE
    const sample = entriesOf(item, kind, 0, Math.min(size, SAMPLE))
    const each = (weight * size) / Math.max(1, sample.length)
    for (const { value: member } of sample) pending.push({ value: member, weight: each })
  }
  return total
}

/** Size of an object that holds bytes and no members. */
function bytesOf(item: object): number | undefined {
  if (types.isTypedArray(item)) return Number(viewLength(item))
  return types.isAnyArrayBuffer(item) ? Number(bufferLength(item)) : undefined
}

/** Objects that print themselves, as data frames do, also count: they keep their properties. */
function kindOfMembers(item: object): Kind {
  return kindOf(item) ?? 'object'
}
