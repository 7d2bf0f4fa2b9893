// Which methods an address has: others are refused with 405, and OPTIONS names them. It comes
// before the routes, so that no route sees a method that it does not have.
import type { RequestHandler } from 'express'

import type { Operation } from '../api/operation.ts'
import { RelayError } from '../errors.ts'

/** Addresses that are not part of the API. */
const OTHERS: ReadonlyArray<readonly [path: string, method: string]> = [
  ['/health', 'GET'],
  ['/ready', 'GET'],
  ['/metrics', 'GET'],
]

interface Address {
  /** Lower case, as Express compares them; undefined for a parameter. */
  segments: (string | undefined)[]
  methods: Set<string>
}

export function methodsOf(operations: readonly Operation[]): RequestHandler {
  const addresses = addressesOf(operations)
  return (request, response, next) => {
    const address = addresses.find(({ segments }) => matches(segments, segmentsOf(request.path)))
    if (!address || (request.method !== 'OPTIONS' && address.methods.has(request.method))) {
      next()
      return
    }
    const allowed = [...address.methods, 'OPTIONS'].join(', ')
    response.set('Allow', allowed)
    if (request.method !== 'OPTIONS') {
      const words = `${request.method} is no method of ${request.path}, which has ${allowed}`
      throw new RelayError('method_not_allowed', words)
    }
    response.status(204).end()
  }
}

function addressesOf(operations: readonly Operation[]): Address[] {
  const asked = operations.map(({ path, method }) => [path, method.toUpperCase()] as const)
  const methods = new Map<string, Set<string>>()
  for (const [path, method] of [...asked, ...OTHERS]) {
    const known = methods.get(path) ?? new Set()
    methods.set(path, known.add(method))
    if (method === 'GET') known.add('HEAD')
  }
  return [...methods].map(([path, ofPath]) => ({
    segments: segmentsOf(path).map((part) => (part.startsWith('{') ? undefined : part)),
    methods: ofPath,
  }))
}

/** Without a slash at the end, as Express takes them. */
function segmentsOf(path: string): string[] {
  const parts = path.toLowerCase().split('/')
  return parts.at(-1) === '' ? parts.slice(0, -1) : parts
}

function matches(segments: readonly (string | undefined)[], asked: readonly string[]): boolean {
  return (
    segments.length === asked.length &&
    segments.every((segment, n) => segment === undefined || segment === asked[n])
  )
}
