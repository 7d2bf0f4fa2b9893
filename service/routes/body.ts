// Reads multipart, JSON and urlencoded bodies within the limits, and reads a refused body to its
// end: if the answer comes earlier, a proxy replaces it with its own error page.
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
import type { Charging } from './charging.ts'
import { InFlight } from './in-flight.ts'
import { utf8 } from './json-body.ts'

/** A refused body is read to its end, up to this size and time; then the connection is closed. */
const DRAIN_BYTES = 256 * 1024 * 1024
const DRAIN_MS = 10_000
/** How many of the largest posts one person may send at once, so that nobody keeps others out. */
const IN_FLIGHT_OF_ONE = 2

export interface Upload extends ReadUpload {
  fields: Record<string, string>
}

export interface UploadsDeps {
  limits: Limits
  offload: Offload
  charging: Charging
}

export class Uploads {
  readonly #limits: Limits
  readonly #offload: Offload
  readonly #charging: Charging
  readonly #inFlight: InFlight

  constructor({ limits, offload, charging }: UploadsDeps) {
    this.#charging = charging
    this.#limits = limits
    this.#offload = offload
    this.#inFlight = new InFlight(limits.postBytes * IN_FLIGHT_OF_ONE)
  }

  /** Parses a multipart body with parts named `fileField` into memory. */
  multipart(fileField: string): RequestHandler {
    const limits = this.#limits
    const parse = multer({
      storage: multer.memoryStorage(),
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
      this.#count(request, response)
      parse(request, response, (error: unknown) => {
        next(error === undefined ? undefined : refusal(error, limits))
      })
    }
  }

  /** A post without files may be its manifest alone, as JSON. */
  post(): RequestHandler {
    const multipart = this.multipart('files')
    const limit = fieldBytes(this.#limits)
    // Parsed later, with the rest of the post. What is compressed could expand without bound.
    const read = express.raw({ type: () => true, limit, inflate: false })
    return (request, response, next) => {
      if (request.is('application/json') === false) {
        multipart(request, response, next)
        return
      }
      this.#count(request, response)
      read(request, response, (error: unknown) => {
        if (error !== undefined) {
          next(jsonRefusal(error, limit))
          return
        }
        const bytes: unknown = request.body
        try {
          request.body = { post: utf8(bytes instanceof Uint8Array ? bytes : new Uint8Array()) }
        } catch (refused) {
          next(refused)
          return
        }
        next()
      })
    }
  }

  urlencoded(): RequestHandler {
    return express.urlencoded({ extended: false, limit: this.#limits.textBytes * 4 })
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
    const body: unknown = request.body
    const fields = fieldsOf(typeof body === 'object' && body !== null ? body : {})
    const sent = Array.isArray(request.files) ? request.files : []
    const files = sent.map((file) => ({ name: file.originalname, bytes: file.buffer }))
    this.#charging.charge(response, {
      textPerHour: Object.values(fields).reduce((sum, text) => sum + Buffer.byteLength(text), 0),
      bytesPerHour: sent.reduce((sum, { size }) => sum + size, 0),
    })
    const read = await this.#offload.read({ fields, files, limits: this.#limits, manifest })
    for (const [n, { bytes }] of read.files.entries()) {
      const digest = read.digests[n]
      if (digest !== undefined) knowDigest(bytes, digest)
    }
    return { ...read, fields }
  }

  /**
   * Counts the body while it is in memory. Its Content-Length is enough to know, because Node reads
   * no more than that.
   * @throws {RelayError}
   */
  #count(request: Request, response: Response): void {
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
    response.once('close', this.#inFlight.add(personOf(response).name, bytes))
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

/** The errors of express.raw have a `type`. */
function jsonRefusal(error: unknown, limit: number): unknown {
  if (!Error.isError(error) || !('type' in error)) return error
  switch (error.type) {
    case 'entity.too.large':
      return tooLarge('the body is larger', `${limit} bytes of JSON`)
    default:
      return new RelayError('bad_request', `The body is broken: ${error.message}`)
  }
}

function tooLarge(what: string, limit: string): RelayError {
  return new RelayError('too_large', `The limit is ${limit}, but ${what}`)
}

/**
 * Reads the rest of the request's body, up to a size and a time.
 * @returns False if there was more. Then the connection must be closed.
 */
export async function drain(request: Request): Promise<boolean> {
  if (request.readableEnded || request.destroyed) return true
  return new Promise((resolve) => {
    let left = DRAIN_BYTES
    const timer = setTimeout(() => finish(false), DRAIN_MS)
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
