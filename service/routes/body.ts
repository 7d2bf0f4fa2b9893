// Reads multipart, JSON and urlencoded bodies within the limits, and reads a refused body to its
// end: if the answer comes earlier, a proxy replaces it with its own error page.
import type { Readable } from 'node:stream'
import { callbackify } from 'node:util'
import express from 'express'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import multer from 'multer'

import { mostHtml } from '../../post/contract/limits.ts'
import type { Limits } from '../../post/contract/schema.ts'
import { RelayError } from '../errors.ts'
import type { Offload } from '../offload/offload.ts'
import type { ReadUpload, SentUpload } from '../offload/read.ts'
import { knowDigest } from '../storage/digest.ts'
import { personOf } from './guard.ts'
import type { Files } from '../storage/files.ts'
import type { Charging } from './charging.ts'
import { InFlight } from './in-flight.ts'
import { jsonText } from './json-text.ts'
import { Receiving } from './receiving.ts'

/** A refused body is read to its end, up to this size and time; then the connection is closed. */
const DRAIN_BYTES = 256 * 1024 * 1024
const DRAIN_MS = 10_000

const takeFile = callbackify((receiving: Receiving, stream: Readable) => receiving.take(stream))
const release = callbackify((receiving: Receiving) => receiving.release())

export interface Upload extends ReadUpload {
  fields: Record<string, string>
  /** Deletes what of it was not stored. To be called when the request was handled. */
  release: () => Promise<void>
}

export interface UploadsDeps {
  limits: Limits
  offload: Offload
  charging: Charging
  files: Files
}

export class Uploads {
  readonly #limits: Limits
  readonly #offload: Offload
  readonly #charging: Charging
  readonly #files: Files
  readonly #inFlight = new InFlight()
  readonly #receiving = new WeakMap<Request, Receiving>()

  constructor({ limits, offload, charging, files }: UploadsDeps) {
    this.#charging = charging
    this.#files = files
    this.#limits = limits
    this.#offload = offload
  }

  /** Parses a multipart body with parts named `fileField`. */
  multipart(fileField: string): RequestHandler {
    const limits = this.#limits
    const parse = multer({
      storage: this.#storage(),
      // Without this, file names beyond ASCII arrive garbled (measured with multer 2.5.0).
      defParamCharset: 'utf8',
      limits: {
        files: limits.files,
        fileSize: limits.fileBytes,
        fieldSize: fieldBytes(limits),
        fields: 20,
        parts: limits.files + 20,
        headerPairs: 50,
      },
    }).array(fileField)
    return (request: Request, response: Response, next: NextFunction) => {
      const done = this.#receive(request, response, next)
      parse(request, response, (error: unknown) => {
        done(error === undefined ? undefined : refusal(error, limits))
      })
    }
  }

  /** A post without files may be its manifest alone, as JSON. */
  post(): RequestHandler {
    const multipart = this.multipart('files')
    const limit = fieldBytes(this.#limits)
    return async (request, response, next) => {
      if (!isJson(request)) {
        multipart(request, response, next)
        return
      }
      const done = this.#receive(request, response, next)
      try {
        request.body = { post: await jsonText(request, limit) }
      } catch (error) {
        done(error)
        return
      }
      done()
    }
  }

  urlencoded(): RequestHandler {
    return express.urlencoded({
      extended: false,
      limit: this.#limits.textBytes * 4,
      inflate: false,
    })
  }

  /**
   * Reads what one of these parsers put on the request, and counts it against the quota.
   * @throws {RelayError} if something is wrong with it
   */
  async read(
    request: Request,
    response: Response,
    manifest: SentUpload['manifest'],
  ): Promise<Upload> {
    const receiving = this.#receiving.get(request)
    if (!receiving) throw new Error('A body was read that was not received')
    try {
      return await this.#read(request, response, manifest, receiving)
    } catch (error) {
      await receiving.release()
      throw error
    }
  }

  async #read(
    request: Request,
    response: Response,
    manifest: SentUpload['manifest'],
    receiving: Receiving,
  ): Promise<Upload> {
    const body: unknown = request.body
    const fields = fieldsOf(typeof body === 'object' && body !== null ? body : {})
    const sent = Array.isArray(request.files) ? request.files : []
    const files = sent.map(({ originalname, filename }) => {
      return { name: originalname, bytes: receiving.bytes(filename) }
    })
    this.#charging.charge(response, {
      textPerHour: Object.values(fields).reduce((sum, text) => sum + Buffer.byteLength(text), 0),
    })
    const read = await this.#offload.read({ fields, files, limits: this.#limits, manifest })
    for (const [n, { bytes }] of read.files.entries()) {
      const digest = read.digests[n]
      if (digest !== undefined) knowDigest(bytes, digest)
    }
    return { ...read, fields, release: () => receiving.release() }
  }

  #storage(): multer.StorageEngine {
    return {
      _handleFile: (request, file, done) => {
        const receiving = this.#receiving.get(request)
        if (!receiving) throw new Error('A file came with a body that is not received')
        takeFile(receiving, file.stream, done)
      },
      // All files of a request are deleted together.
      _removeFile: (_request, _file, done) => done(null),
    }
  }

  /**
   * Counts what of the body is in memory, as it comes. Its Content-Length is only compared with the
   * limit: Node reads no more than that.
   * @returns To be called at the end of the body; the first call counts.
   * @throws {RelayError}
   */
  #receive(request: Request, response: Response, next: NextFunction): NextFunction {
    const length = request.headers['content-length']
    if (length === undefined) {
      throw new RelayError(
        'bad_request',
        'Expected a header Content-Length with the size of the body',
      )
    }
    const bytes = Number(length)
    const { postBytes } = this.#limits
    if (bytes > postBytes) throw tooLarge(`the post has ${bytes} bytes`, `${postBytes} bytes`)
    const memory = this.#inFlight.open(personOf(response).name)
    const charge = (some: number) => this.#charging.charge(response, { bytesPerHour: some })
    const receiving = new Receiving({ files: this.#files, memory, charge })
    this.#receiving.set(request, receiving)
    let isDone = false
    const done = (error?: unknown) => {
      if (isDone) return
      isDone = true
      request.off('data', count)
      if (error === undefined) next()
      else release(receiving, (failure) => next(failure ?? receiving.refused ?? error))
    }
    const count = (piece: Buffer) => {
      try {
        memory.grow(piece.length)
      } catch (error) {
        if (Error.isError(error)) receiving.refuse(error)
        done(error)
      }
    }
    request.on('data', count)
    return done
  }
}

/** @throws {RelayError} `bad_request` for a field that came twice, or that is no text */
function fieldsOf(body: object): Record<string, string> {
  const fields = Object.entries(body).map(([name, value]: [string, unknown]) => {
    if (typeof value === 'string') return [name, value] as const
    throw new RelayError(
      'bad_request',
      `Expected one text in the field ${JSON.stringify(name)}, but it came more than once`,
    )
  })
  return Object.fromEntries(fields)
}

/**
 * Enough for every manifest within the limits: JSON takes at most four bytes for one that counts. A
 * larger manifest would be refused anyway, after it was parsed.
 */
function fieldBytes(limits: Limits): number {
  return (limits.textBytes + mostHtml(limits)) * 4 + 64 * 1024
}

function refusal(error: unknown, limits: Limits): unknown {
  if (error instanceof RelayError) return error
  if (!(error instanceof multer.MulterError)) {
    // The errors of busboy are about what the sender sent: a body that is cut, no boundary.
    return Error.isError(error)
      ? new RelayError('bad_request', `The multipart body is broken: ${error.message}`)
      : error
  }
  switch (error.code) {
    case 'LIMIT_FILE_SIZE':
      return tooLarge('a file is larger', `${limits.fileBytes} bytes a file`)
    case 'LIMIT_FILE_COUNT':
    case 'LIMIT_PART_COUNT':
      return tooLarge('there are more files', `${limits.files} files`)
    case 'LIMIT_FIELD_VALUE':
      return tooLarge('a field is larger', `${fieldBytes(limits)} bytes a field`)
    default:
      return new RelayError('bad_request', `${error.message}: ${error.field ?? ''}`)
  }
}

function isJson({ headers }: Request): boolean {
  const [type = ''] = (headers['content-type'] ?? '').split(';')
  return type.trim().toLowerCase() === 'application/json'
}

function tooLarge(what: string, limit: string): RelayError {
  return new RelayError('too_large', `The limit is ${limit}, but ${what}`)
}

/**
 * Reads the rest of the request's body, up to a size and a time.
 * @returns False if there was more. Then the connection must be closed.
 */
export async function drain(request: Request, mostMs = DRAIN_MS): Promise<boolean> {
  if (request.readableEnded || request.destroyed) return true
  return new Promise((resolve) => {
    let left = DRAIN_BYTES
    const timer = setTimeout(() => finish(false), mostMs)
    const count = (chunk: Buffer) => {
      left -= chunk.length
      if (left < 0) finish(false)
    }
    const ended = () => finish(true)
    const finish = (whole: boolean) => {
      clearTimeout(timer)
      request.off('data', count).off('end', ended).off('close', ended)
      resolve(whole)
    }
    request.on('data', count).on('end', ended).on('close', ended)
    request.unpipe()
    request.resume()
  })
}
