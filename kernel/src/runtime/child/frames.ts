// Messages to the kernel process as bytes (`link.ts` reads them). Node's `serialize` cannot be
// used: it calls methods that a cell may replace.
import { Buffer } from 'node:buffer'
import { types } from 'node:util'
import { Serializer } from 'node:v8'
import type { FromChild } from '../link.ts'
import { Number, Reflect, Uint8Array, uncurry, uncurryGetter } from '../../api/primordials.ts'

const writeHeader = uncurry(Serializer.prototype, 'writeHeader')
const writeValue = uncurry(Serializer.prototype, 'writeValue')
const releaseBuffer = uncurry(Serializer.prototype, 'releaseBuffer')

const typedArray = Reflect.getPrototypeOf(Uint8Array.prototype)
const bufferOf = uncurryGetter(typedArray, 'buffer')
const offsetOf = uncurryGetter(typedArray, 'byteOffset')
const lengthOf = uncurryGetter(typedArray, 'byteLength')

/** The same bytes, with the kernel's own methods. */
export function ownBytes(bytes: Uint8Array): Uint8Array {
  const buffer = bufferOf(bytes)
  if (!types.isAnyArrayBuffer(buffer)) return new Uint8Array(0)
  return new Uint8Array(buffer, Number(offsetOf(bytes)), Number(lengthOf(bytes)))
}

/** Writes the bytes that begin each frame, then length, body and end. */
export class FrameWriter {
  readonly #start: Uint8Array

  /** @param start - ASCII. */
  constructor(start: string) {
    this.#start = ownBytes(Buffer.from(start, 'latin1'))
  }

  /** @throws {Error} as V8 does, for a value that cannot be copied, such as a function. */
  encode(message: FromChild): Uint8Array {
    const serializer = new Serializer()
    writeHeader(serializer)
    writeValue(serializer, message)
    const body = ownBytes(releaseBuffer(serializer))
    const head = this.#start.length
    const { length } = body
    // The last four bytes stay zero: they are the end.
    const frame = new Uint8Array(head + 4 + length + 4)
    frame.set(this.#start, 0)
    for (let byte = 0; byte < 4; byte++) frame[head + byte] = (length >>> (8 * byte)) & 0xff
    frame.set(body, head + 4)
    return frame
  }
}
