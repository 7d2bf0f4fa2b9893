// `api/v1/openapi.json`: what this relay answers, for programs. It is the same for everybody.
import type { RequestHandler } from 'express'

import { openApiDocument } from '../api/document.ts'
import type { Operation } from '../api/operation.ts'

export function documentRoute(operations: readonly Operation[], prefix: string): RequestHandler {
  let text: string | undefined
  return (_request, response) => {
    text ??= JSON.stringify(openApiDocument({ operations, prefix }))
    response.type('json').send(text)
  }
}
