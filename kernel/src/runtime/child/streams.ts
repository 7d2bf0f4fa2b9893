// What leaves the runtime: text on fd 1 and 2, messages on the link, all written synchronously and in one order. A marker on both
// streams begins an epoch whenever the stream, the cell or the way changes (see `output-merge.ts` for the other end).
import { Buffer } from 'node:buffer'
import { writeSync } from 'node:fs'
import process from 'node:process'
import { types } from 'node:util'
import { encodeFrame } from '../link.ts'
import type { FromChild, Sequenced } from '../link.ts'
import { marker } from '../markers.ts'
import type { Cells } from './cell-context.ts'
import { CurrentLine } from './current-line.ts'
import {
  Atomics,
  Int32Array,
  Reflect,
  SharedArrayBuffer,
  TypeError,
} from '../../api/primordials.ts'

const LINK_FD = 5

type Unsequenced<Message> = Message extends { seq: number } ? Omit<Message, 'seq'> : never

export class OutputWriter {
  private readonly nonce: string
  private readonly cells: Cells
  private seq = 0
  /** What a cursor of a terminal would stand in. */
  readonly lines: { readonly 1: CurrentLine; readonly 2: CurrentLine }
  private open: { fd: 0 | 1 | 2; cellId: string | undefined } = { fd: 0, cellId: '' }

  constructor(nonce: string, cells: Cells) {
    this.nonce = nonce
    this.cells = cells
    const cellId = () => cells.current()?.cellId ?? ''
    this.lines = { 1: new CurrentLine(cellId), 2: new CurrentLine(cellId) }
  }

  text(fd: 1 | 2, bytes: Buffer): void {
    const cellId = this.cells.current()?.cellId ?? ''
    if (this.open.fd !== fd || this.open.cellId !== cellId) this.begin(fd, cellId)
    writeAll(fd, bytes)
    this.lines[fd].add(bytes)
    // Text of native code that follows belongs to the running cell, not to the one whose timer wrote this.
    const owner = (this.cells.running ?? this.cells.last)?.cellId ?? ''
    if (owner !== cellId) this.begin(0, owner)
  }

  message(message: Unsequenced<Sequenced>, cellId: string): void {
    const seq = this.begin(0, cellId, true)
    this.send({ ...message, seq })
    const owner = (this.cells.running ?? this.cells.last)?.cellId ?? ''
    if (owner !== cellId) this.begin(0, owner)
  }

  /** Text of native code belongs to this cell from now on. */
  begin(fd: 0 | 1 | 2, cellId: string, hasMessage = false): number {
    const seq = ++this.seq
    const bytes = Buffer.from(marker(this.nonce, seq, hasMessage, cellId))
    // Unknown until both are written: a cell may be interrupted between any two steps, and the next writer begins anew.
    this.open = { fd: 0, cellId: undefined }
    writeAll(1, bytes)
    writeAll(2, bytes)
    this.open = { fd, cellId }
    return seq
  }

  send(message: FromChild): void {
    writeAll(LINK_FD, encodeFrame(message, this.nonce))
  }

  /** Makes `process.stdout` and `process.stderr` write through, in order, also while a cell spins. */
  takeOver(): void {
    this.redirect(process.stdout, 1)
    this.redirect(process.stderr, 2)
  }

  private redirect(stream: NodeJS.WriteStream, fd: 1 | 2): void {
    // Node made the pipe non-blocking: text would wait for the end of a loop and raw writes would fail with EAGAIN.
    const handle: unknown = Reflect.get(stream, '_handle')
    if (isBlockable(handle)) handle.setBlocking(true)
    // Not `_write`: a stream whose write was interrupted stays busy, and would keep all later text to itself.
    stream.write = (
      chunk: Uint8Array | string,
      encoding?: BufferEncoding | Callback,
      callback?: Callback,
    ) => {
      const isCallback = typeof encoding === 'function'
      this.text(fd, bytesOf(chunk, isCallback ? undefined : encoding))
      const done = isCallback ? encoding : callback
      if (typeof done === 'function') process.nextTick(done)
      return true
    }
    // `end(text)` comes this way.
    stream._write = (chunk: Uint8Array | string, encoding, done) => {
      this.text(fd, bytesOf(chunk, encoding))
      done()
    }
  }
}

function isBlockable(handle: unknown): handle is { setBlocking(on: boolean): void } {
  return typeof handle === 'object' && handle !== null && 'setBlocking' in handle
}

type Callback = (error?: Error | null) => void

function bytesOf(chunk: unknown, encoding: BufferEncoding | undefined): Buffer {
  if (typeof chunk === 'string') return Buffer.from(chunk, encoding)
  if (types.isUint8Array(chunk))
    return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  throw new TypeError(`write takes a string or a Uint8Array, not ${typeof chunk}`)
}

const pause = new Int32Array(new SharedArrayBuffer(4))

function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(fd, bytes, at)
    } catch (error) {
      const code = types.isNativeError(error) && 'code' in error ? error.code : undefined
      // A cell closed the stream, or the kernel process ended: there is nobody to tell.
      if (code !== 'EAGAIN') return
      Atomics.wait(pause, 0, 0, 1)
    }
  }
}
