// The OpenAPI 3.1 document of the HTTP API, made from the descriptions of its requests and the
// schemas by which the relay reads them.
import { z } from 'zod'

import { CODES } from '../../post/contract/sentence.ts'
import { Problem } from '../../post/contract/schema.ts'
import { HEADERS, refusalsOf } from './operation.ts'
import type { Content, Fields, Operation, Success } from './operation.ts'
import { Components } from './schemas.ts'
import type { JsonSchema } from './schemas.ts'

export interface DocumentOptions {
  operations: readonly Operation[]
  /** Path of the relay, with a slash at both ends. */
  prefix: string
}

/** Of the API, not of the program: it grows when an old client would not understand any more. */
const VERSION = '1'

const DESCRIPTION =
  'The HTTP API of a jupyterpost relay. All refusals are problem documents (RFC 9457), whose `code` never changes. An address answers other methods with 405 and `Allow`, `OPTIONS` with `Allow`, and `HEAD` as `GET` without the body. What is no HTTP, has more than 16 kB of headers or does not end is answered 400, 431 or 408.'

export function openApiDocument({ operations, prefix }: DocumentOptions): object {
  const components = new Components()
  const problem = components.reference(Problem, 'Problem')
  const paths: Record<string, Record<string, object>> = {}
  for (const operation of operations) {
    const methods = (paths[operation.path] ??= {})
    methods[operation.method] = described(operation, components, problem)
  }
  return {
    openapi: '3.1.0',
    info: { title: 'jupyterpost relay', version: VERSION, description: DESCRIPTION },
    servers: [{ url: prefix.replace(/\/$/, '') || '/' }],
    paths,
    components: {
      schemas: components.schemas,
      securitySchemes: {
        token: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: '`token X` or `Bearer X`, with a token of JupyterHub or of relay.json.',
        },
        page: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description: '`page X`, with the secret of a session of the inbox page.',
        },
      },
    },
  }
}

const SECURITY = {
  anyone: [],
  token: [{ token: [] }],
  reader: [{ token: [] }, { page: [] }],
} as const

function described(operation: Operation, components: Components, problem: JsonSchema): object {
  const { id, summary, description, caller, body } = operation
  const parameters = [
    ...parametersOf(operation.parameters, 'path'),
    ...parametersOf(operation.query, 'query'),
    ...parametersOf(operation.headers, 'header'),
  ]
  const name = id.slice(0, 1).toUpperCase() + id.slice(1)
  return {
    operationId: id,
    summary,
    ...(description !== undefined && { description }),
    security: SECURITY[caller],
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: true, content: contentOf(body, components, `${name}Form`) },
    }),
    responses: {
      ...Object.fromEntries(
        operation.answers.map((answer) => [
          String(answer.status),
          success(answer, components, `${name}Answer`),
        ]),
      ),
      ...(operation.plain ? plainRefusals(operation.plain) : refusals(operation, problem)),
    },
  }
}

function parametersOf(fields: Fields | undefined, place: 'path' | 'query' | 'header'): object[] {
  if (!fields) return []
  const { properties = {}, required = [] } = z.toJSONSchema(fields, { io: 'output' })
  return Object.entries(properties).map(([name, property]) => {
    if (typeof property === 'boolean') throw new Error(`The parameter ${name} has no schema`)
    const { description, ...schema } = property
    return {
      name,
      in: place,
      ...(description !== undefined && { description }),
      required: required.includes(name),
      schema,
    }
  })
}

function contentOf(content: Content, components: Components, name: string): object {
  return Object.fromEntries(
    Object.entries(content).map(([type, schema], n) => [
      type,
      { schema: components.reference(schema, n === 0 ? name : `${name}${n + 1}`) },
    ]),
  )
}

function success(answer: Success, components: Components, name: string): object {
  const { description, content, headers, links } = answer
  return {
    description,
    ...(headers && {
      headers: Object.fromEntries(headers.map((header) => [header, headerOf(header)])),
    }),
    ...(content && { content: contentOf(content, components, name) }),
    ...(links && {
      links: Object.fromEntries(
        links.to.map((operationId) => [operationId, { operationId, parameters: { id: links.id } }]),
      ),
    }),
  }
}

function headerOf(name: keyof typeof HEADERS): object {
  return { description: HEADERS[name], schema: { type: 'string' } }
}

/** One response for each status, which names its codes. */
function refusals(operation: Operation, problem: JsonSchema): Record<string, object> {
  const codes = Map.groupBy(refusalsOf(operation), (code) => CODES[code].status)
  return Object.fromEntries(
    [...codes].map(([status, ofStatus]) => [
      String(status),
      {
        description: ofStatus.map((code) => `\`${code}\`: ${CODES[code].title}.`).join(' '),
        ...(RETRIED.has(status) && { headers: { 'Retry-After': headerOf('Retry-After') } }),
        content: { 'application/problem+json': { schema: problem } },
      },
    ]),
  )
}

const RETRIED: ReadonlySet<number> = new Set([409, 429, 503])

function plainRefusals(plain: NonNullable<Operation['plain']>): Record<string, object> {
  return Object.fromEntries(
    plain.map(({ status, description }) => [
      String(status),
      { description, content: { 'text/plain': { schema: { type: 'string' } } } },
    ]),
  )
}
