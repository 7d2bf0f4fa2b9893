// Headers that HTTP asks of every request. Node would refuse a wrong one without a word.
import type { NextFunction, Request, Response } from 'express'

import { RelayError } from './errors.ts'

/** @throws {RelayError} `bad_request` */
export function checkForm(request: Request, _response: Response, next: NextFunction): void {
  const hosts = request.rawHeaders.filter((name, n) => n % 2 === 0 && name.toLowerCase() === 'host')
  if (hosts.length > 1 || (hosts.length === 0 && request.httpVersion === '1.1')) {
    throw new RelayError('bad_request', `Expected one header Host, got ${hosts.length}`)
  }
  const { expect } = request.headers
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') {
    throw new RelayError('bad_request', 'Expected no header Expect other than 100-continue')
  }
  next()
}
