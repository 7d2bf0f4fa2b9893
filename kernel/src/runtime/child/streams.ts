// What leaves the runtime: text on fd 1 and 2, messages on the link, all written synchronously and
// in one order. A marker on both streams begins an epoch whenever the stream, the cell or the way
// of output changes; `output-merge.ts` is the other end.
import { writeSync } from 'node:fs'
import { TextEncoder, types } from 'node:util'
import type { FromChild, Sequenced } from '../link.ts'
import { marker } from '../markers.ts'
import type { CellContexts } from './cell-context.ts'
import { CurrentLine } from './current-line.ts'
import {
  Atomics,
  Int32Array,
  SharedArrayBuffer,
  Uint8Array,
  uncurry,
} from '../../api/primordials.ts'
import { FrameWriter, ownBytes } from './frames.ts'

const LINK_FD = 5

type Unsequenced<Message> = Message extends { seq: number } ? Omit<Message, 'seq'> : never

export class OutputWriter {
  readonly #nonce: string
  readonly #cells: CellContexts
  readonly #frames: FrameWriter
  #seq = 0
  /** The lines that a terminal's cursor would be in. */
  readonly lines: { readonly 1: CurrentLine; readonly 2: CurrentLine }
  #open: { fd: 0 | 1 | 2; cellId: string | undefined } = { fd: 0, cellId: '' }

  constructor(nonce: string, cells: CellContexts) {
    this.#nonce = nonce
    this.#cells = cells
    this.#frames = new FrameWriter(nonce)
    const currentCell = () => cells.current()?.cellId ?? ''
    this.lines = { 1: new CurrentLine(currentCell), 2: new CurrentLine(currentCell) }
  }

  text(fd: 1 | 2, text: string | Uint8Array): void {
    const cellId = this.#cells.current()?.cellId ?? ''
    if (this.#open.fd !== fd || this.#open.cellId !== cellId) this.begin(fd, cellId)
    if (typeof text === 'string') writeText(fd, text)
    else writeAll(fd, text, text.length)
    this.lines[fd].add(text, cellId)
    // Text of native code that follows belongs to the running cell, not to the one whose timer
    // wrote this.
    const owner = (this.#cells.running ?? this.#cells.last)?.cellId ?? ''
    if (owner !== cellId) this.begin(0, owner)
  }

  message(message: Unsequenced<Sequenced>, cellId: string): void {
    const seq = this.begin(0, cellId, true)
    this.send({ ...message, seq })
    const owner = (this.#cells.running ?? this.#cells.last)?.cellId ?? ''
    if (owner !== cellId) this.begin(0, owner)
  }

  /** From now on, text of native code belongs to this cell. */
  begin(fd: 0 | 1 | 2, cellId: string, hasMessage = false): number {
    const seq = ++this.#seq
    const bytes = encoded(marker(this.#nonce, seq, hasMessage, cellId))
    // Unknown until both are written: an interrupt may come between any two steps, and then the
    // next writer begins anew.
    this.#open = { fd: 0, cellId: undefined }
    writeAll(1, buffer, bytes)
    writeAll(2, buffer, bytes)
    this.#open = { fd, cellId }
    return seq
  }

  send(message: FromChild): void {
    const frame = this.#frames.encode(message)
    writeAll(LINK_FD, frame, frame.length)
  }
}

/** Longer texts are encoded into memory of their own. */
const SHORT = 16 * 1024
const encoder = new TextEncoder()
const encode = uncurry(TextEncoder.prototype, 'encode')
const encodeInto = uncurry(TextEncoder.prototype, 'encodeInto')
/** Up to this length (a usual line) encoding here is faster than by a call. */
const ASCII = 200
/** A character takes three bytes at most. */
const buffer = new Uint8Array(3 * SHORT)

function writeText(fd: number, text: string): void {
  if (text.length <= SHORT) return writeAll(fd, buffer, encoded(text))
  const bytes = ownBytes(encode(encoder, text))
  writeAll(fd, bytes, bytes.length)
}

/** Puts a short text into `buffer` as UTF-8; returns its number of bytes. */
function encoded(text: string): number {
  const { length } = text
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index)
    if (unit > 0x7f || index > ASCII) return encodeInto(encoder, text, buffer).written
    buffer[index] = unit
  }
  return length
}

const pause = new Int32Array(new SharedArrayBuffer(4))
const write = writeSync

function writeAll(fd: number, bytes: Uint8Array, length: number): void {
  for (let at = 0; at < length;) {
    try {
      at += write(fd, bytes, at, length - at)
    } catch (error) {
      const code = types.isNativeError(error) && 'code' in error ? error.code : undefined
      // A cell closed the stream, or the kernel process ended: there is nobody to tell.
      if (code !== 'EAGAIN') return
      Atomics.wait(pause, 0, 0, 1)
    }
  }
}
