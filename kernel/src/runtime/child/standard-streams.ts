// `process.stdout` and `process.stderr` of cells: they write through, in order, even while a cell
// spins. Whatever a cell does to them (ends, destroys, patches, listens) lasts until the cell ends:
// then the same two objects are as they were before the first cell.
import { Buffer } from 'node:buffer'
import process from 'node:process'
import { Writable } from 'node:stream'
import { types } from 'node:util'
import { Object, Reflect, Set, TypeError, uncurry } from '../../api/primordials.ts'
import type { CellContexts } from './cell-context.ts'
import { ownBytes } from './frames.ts'
import type { OutputWriter } from './streams.ts'
import { terminalOf } from './terminal.ts'
import type { ClearOutput } from './terminal.ts'
import { asUsers } from './user-functions.ts'

type Callback = (error?: Error | null) => void

const bufferFrom: (self: unknown, text: string, encoding: BufferEncoding) => Uint8Array = uncurry(
  Buffer,
  'from',
)
const nextTick = uncurry(process, 'nextTick')
const nativeWrite = methodOf('write')
const nativeEnd = methodOf('end')
const nativeDestroy = methodOf('destroy')
const undestroy = methodOf('_undestroy')

/** A stream's method, taken before the first cell. */
function methodOf(name: string): (stream: Writable, ...args: unknown[]) => unknown {
  const method: unknown = Reflect.get(Writable.prototype, name)
  return (stream, ...args): unknown =>
    isFunction(method) ? Reflect.apply(method, stream, args) : undefined
}

export class StandardStreams {
  readonly #streams: readonly StandardStream[]

  constructor(cells: CellContexts, writer: OutputWriter, clearOutput: ClearOutput) {
    this.#streams = [
      new StandardStream('stdout', 1, { cells, writer, clearOutput }),
      new StandardStream('stderr', 2, { cells, writer, clearOutput }),
    ]
  }

  /** Call it before and after each cell. */
  restore(): void {
    for (const stream of this.#streams) stream.restore()
  }
}

interface Parts {
  cells: CellContexts
  writer: OutputWriter
  clearOutput: ClearOutput
}

class StandardStream {
  readonly #name: 'stdout' | 'stderr'
  readonly #stream: Writable
  readonly #property: PropertyDescriptor
  readonly #prototype: object | null
  readonly #make: () => Writable
  #isEnded = false
  #pristine: readonly Part[] | undefined
  /** The stream's properties before the first cell, without those that a fresh stream has. */
  #own: ReadonlyArray<readonly [PropertyKey, PropertyDescriptor]> | undefined

  constructor(name: 'stdout' | 'stderr', fd: 1 | 2, { cells, writer, clearOutput }: Parts) {
    this.#name = name
    this.#make = () =>
      new Writable({
        decodeStrings: false,
        autoDestroy: false,
        // `end(text)` calls this.
        write(chunk: unknown, encoding, done) {
          writer.text(fd, textOf(chunk, encoding))
          done()
        },
        // As in Node, a standard stream cannot be destroyed.
        destroy(error, done) {
          done(error)
          undestroy(stream)
        },
      })
    writeThrough(process[name])
    const stream = this.#make()
    this.#stream = stream
    this.#prototype = Reflect.getPrototypeOf(stream)
    /** Work of an ended cell may go on writing, but may not end the stream. */
    const isLate = () => cells.storage.getStore()?.ended === true
    const write = (chunk: unknown, encoding?: BufferEncoding | Callback, callback?: Callback) => {
      // Node reports a write after the end.
      if (this.#isEnded) {
        return nativeWrite(stream, chunk, encoding, callback) === true
      }
      const isCallback = typeof encoding === 'function'
      writer.text(fd, textOf(chunk, isCallback ? undefined : (encoding ?? defaultOf(stream))))
      const done = isCallback ? encoding : callback
      if (typeof done === 'function') nextTick(process, done)
      return true
    }
    const end = (...args: unknown[]) => {
      if (!isLate()) {
        this.#isEnded = true
        return nativeEnd(stream, ...args)
      }
      const [chunk, encoding] = args
      if (chunk !== undefined && chunk !== null && typeof chunk !== 'function') {
        writer.text(fd, textOf(chunk, typeof encoding === 'string' ? encoding : undefined))
      }
      const done = args.find(isFunction)
      if (done) nextTick(process, done)
      return stream
    }
    const destroy = (error?: Error): unknown => (isLate() ? stream : nativeDestroy(stream, error))
    const added = {
      fd,
      _type: 'pipe',
      _isStdio: true,
      write,
      end,
      destroy,
      destroySoon: destroy,
      ...terminalOf(stream, writer.lines[fd], clearOutput),
    }
    for (const key of Reflect.ownKeys(added)) {
      const value: unknown = Reflect.get(added, key)
      Reflect.set(stream, key, isFunction(value) ? asUsers(value) : value)
    }
    this.#property = { get: () => stream, enumerable: true, configurable: true }
    Reflect.defineProperty(process, name, this.#property)
  }

  restore(): void {
    const stream = this.#stream
    this.#isEnded = false
    if (this.#isPristine()) return
    let fresh
    try {
      fresh = this.#make()
    } catch {
      // A cell broke the classes of streams: leave it as it is.
      return
    }
    this.#own ??= Reflect.ownKeys(stream)
      .filter((key) => !Reflect.getOwnPropertyDescriptor(fresh, key))
      .map((key) => [key, Reflect.getOwnPropertyDescriptor(stream, key) ?? {}] as const)
    const kept = new Set(this.#own.map(([key]) => key))
    for (const key of Reflect.ownKeys(stream)) {
      if (!kept.has(key)) Reflect.deleteProperty(stream, key)
    }
    for (const [key, descriptor] of this.#own) Reflect.defineProperty(stream, key, descriptor)
    for (const key of Reflect.ownKeys(fresh)) {
      Reflect.defineProperty(stream, key, Reflect.getOwnPropertyDescriptor(fresh, key) ?? {})
    }
    Reflect.setPrototypeOf(stream, this.#prototype)
    Reflect.defineProperty(process, this.#name, this.#property)
    this.#pristine = partsOf(stream)
  }

  /** Nobody touched it since it was restored: most cells only write. */
  #isPristine(): boolean {
    const pristine = this.#pristine
    const stream = this.#stream
    if (!pristine || Reflect.getPrototypeOf(stream) !== this.#prototype) return false
    if (Reflect.getOwnPropertyDescriptor(process, this.#name)?.get !== this.#property.get)
      return false
    return pristine.every(isAsBefore)
  }
}

interface Part {
  holder: object
  keys: readonly PropertyKey[]
  values: readonly unknown[]
}

/** What a cell can change in it: its properties, its listeners and the stream's state. */
function partsOf(stream: object): Part[] {
  return [stream, Reflect.get(stream, '_events'), Reflect.get(stream, '_writableState')].flatMap(
    (holder: unknown) => {
      if (typeof holder !== 'object' || holder === null) return []
      const keys = Reflect.ownKeys(holder)
      return [{ holder, keys, values: keys.map((key) => Reflect.get(holder, key) as unknown) }]
    },
  )
}

function isAsBefore({ holder, keys, values }: Part): boolean {
  if (Reflect.ownKeys(holder).length !== keys.length) return false
  try {
    return keys.every((key, index) => Object.is(Reflect.get(holder, key), values[index]))
  } catch {
    // A cell put a getter there.
    return false
  }
}

/**
 * Node's own stream made the pipe non-blocking: text would wait for the end of a loop, and raw
 * writes would fail with EAGAIN.
 */
function writeThrough(stream: object): void {
  const handle: unknown = Reflect.get(stream, '_handle')
  if (isBlockable(handle)) handle.setBlocking(true)
}

function isBlockable(handle: unknown): handle is { setBlocking(on: boolean): void } {
  return typeof handle === 'object' && handle !== null && 'setBlocking' in handle
}

function defaultOf(stream: Writable): string | undefined {
  const state: unknown = Reflect.get(stream, '_writableState')
  const encoding: unknown =
    typeof state === 'object' && state !== null ? Reflect.get(state, 'defaultEncoding') : undefined
  return typeof encoding === 'string' ? encoding : undefined
}

/** Text stays text: it is encoded when it is written. */
function textOf(chunk: unknown, encoding: string | undefined): string | Uint8Array {
  if (typeof chunk === 'string') {
    const isUtf8 = encoding === undefined || encoding === 'utf8' || encoding === 'utf-8'
    return isUtf8 || !isEncoding(encoding) ? chunk : ownBytes(bufferFrom(Buffer, chunk, encoding))
  }
  if (types.isUint8Array(chunk)) return ownBytes(chunk)
  throw new TypeError(`write takes a string or a Uint8Array, not ${typeof chunk}`)
}

/** Node refuses an unknown one. */
function isEncoding(value: unknown): value is BufferEncoding {
  return typeof value === 'string'
}

function isFunction(value: unknown): value is (...args: unknown[]) => unknown {
  return typeof value === 'function'
}
