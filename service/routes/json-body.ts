// Reads a small JSON body: of the right type, in UTF-8, and as its schema says.
import express from 'express'
import type { Request, RequestHandler } from 'express'
import type { z } from 'zod'

import { RelayError } from '../errors.ts'
import { parseJson } from '../offload/json.ts'
import { bodyType } from './body-type.ts'

/** Reads the body into memory; `readJson` parses it. */
export function jsonBody(limit: number): RequestHandler {
  const check = bodyType('application/json')
  const read = express.raw({ type: () => true, limit, inflate: false })
  return (request, response, next) => {
    check(request, response, () => read(request, response, next))
  }
}

/** @throws {RelayError} `bad_request` */
export function readJson<T>(schema: z.ZodType<T>, request: Request): T {
  const body: unknown = request.body
  return parseJson(schema, utf8(body instanceof Uint8Array ? body : new Uint8Array()), 'the body')
}

/** @throws {RelayError} `bad_request` */
export function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new RelayError('bad_request', 'Expected a body in UTF-8, but its bytes are not', {
      cause,
    })
  }
}
