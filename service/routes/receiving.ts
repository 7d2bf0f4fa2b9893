// One body on its way in. Files of more than 1 MB are written to the disk as they come, and hashed
// meanwhile; smaller ones too while memory is scarce. No file is in memory as a whole but these.
import type { Readable } from 'node:stream'

import { RelayError } from '../errors.ts'
import type { Bytes } from '../storage/bytes.ts'
import { FileWriter } from '../storage/files.ts'
import type { Files } from '../storage/files.ts'
import type { Reservation } from './in-flight.ts'

const LARGE = 1024 * 1024

export interface ReceivingDeps {
  files: Files
  memory: Reservation
  /** Counts bytes of files against the quota. @throws {RelayError} `too_many` */
  charge: (bytes: number) => void
}

export class Receiving {
  readonly #deps: ReceivingDeps
  readonly #streams = new Set<Readable>()
  readonly #paths: string[] = []
  readonly #received = new Map<string, Bytes>()
  /** Why the relay wants no more of it. What fails afterwards fails because of that. */
  refused: Error | undefined

  constructor(deps: ReceivingDeps) {
    this.#deps = deps
  }

  /** Reads a file to its end. @returns a name for `bytes` */
  async take(stream: Readable): Promise<{ filename: string; size: number }> {
    this.#streams.add(stream)
    try {
      const bytes = await this.#read(stream)
      const filename = String(this.#received.size)
      this.#received.set(filename, bytes)
      return { filename, size: bytes.byteLength }
    } finally {
      this.#streams.delete(stream)
    }
  }

  /** Bytes of a file that came. */
  bytes(filename: string): Bytes {
    const bytes = this.#received.get(filename)
    if (!bytes) throw new Error(`There is no file ${filename} of this request`)
    return bytes
  }

  /** Nothing more of the body is wanted. */
  refuse(error: Error): void {
    this.refused ??= error
    for (const stream of this.#streams) stream.destroy(error)
  }

  /** Deletes what was not stored. To be called once, when the request was handled. */
  async release(): Promise<void> {
    this.#deps.memory.end()
    for (const path of this.#paths.splice(0)) await this.#deps.files.release(path)
  }

  async #read(stream: Readable): Promise<Bytes> {
    const { memory } = this.#deps
    let writer: FileWriter | undefined
    let pieces: Uint8Array[] = []
    let size = 0
    try {
      for await (const piece of stream) {
        if (!(piece instanceof Uint8Array)) throw new Error('A body was read as text')
        this.#charge(piece.byteLength)
        pieces.push(piece)
        size += piece.byteLength
        if (!writer && size <= LARGE && !memory.isTight) continue
        writer ??= new FileWriter(this.#newPath())
        for (const one of pieces) await this.#write(writer, one)
        pieces = []
      }
      return writer ? await writer.end() : Buffer.concat(pieces)
    } catch (error) {
      await writer?.close()
      throw error
    }
  }

  #charge(bytes: number): void {
    try {
      this.#deps.charge(bytes)
    } catch (error) {
      if (error instanceof RelayError) this.refused ??= error
      throw error
    }
  }

  async #write(writer: FileWriter, piece: Uint8Array): Promise<void> {
    await writer.write(piece)
    this.#deps.memory.shrink(piece.byteLength)
  }

  #newPath(): string {
    const path = this.#deps.files.reserve()
    this.#paths.push(path)
    return path
  }
}
