// The OpenAPI document against the relay itself: each route that Express has is in it, and the
// other way round; docs/api.md is made of it.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Router } from 'express'
import { expect, jest, test } from '@jest/globals'
import { z } from 'zod'

import { root } from '../../../test/helpers/clone.ts'
import { CODES } from '../../../post/contract/sentence.ts'
import { openApiDocument } from '../../api/document.ts'
import { refusalsOf } from '../../api/operation.ts'
import { operationsOf } from '../../api/operations.ts'
import { GRANT, startHub } from '../helpers/hub.ts'
import { temporaryFolder, testRelay } from '../helpers/relay.ts'
import { apiPage } from './helpers/api-page.ts'

const Document = z.object({
  openapi: z.string(),
  servers: z.array(z.object({ url: z.string() })),
  paths: z.record(z.string(), z.record(z.string(), z.object({ responses: z.object({}).loose() }))),
})

/** Starts a relay. Returns its routes, as Express knows them, and its document. */
async function started(env: NodeJS.ProcessEnv) {
  const mounted = jest.spyOn(Router.prototype, 'use')
  const made = jest.spyOn(Router.prototype, 'route')
  await using relay = await testRelay(env)
  const routers = mounted.mock.calls.map((call, n) => ({ call, parent: mounted.mock.contexts[n] }))
  const routes = made.mock.results.map(({ value }, n) => ({
    route: Route.parse(value),
    router: made.mock.contexts[n],
  }))
  mounted.mockRestore()
  made.mockRestore()
  const answer = await fetch(`${relay.url}api/v1/openapi.json`)
  expect(answer.status).toBe(200)
  const below = (router: unknown): string => {
    const at = routers.find(({ call }) => call.some((part: unknown) => part === router))
    if (!at) return ''
    const [path] = at.call
    return below(at.parent) + (typeof path === 'string' ? path.replace(/\/$/, '') : '')
  }
  const { pathname } = new URL(relay.url)
  const known = routes.flatMap(({ route, router }) =>
    Object.keys(route.methods).map((method) => {
      const path = `${below(router)}${route.path}`.slice(pathname.length - 1)
      return `${method} ${path.replace(/(.)\/$/, '$1').replaceAll(/:(\w+)/g, '{$1}')}`
    }),
  )
  return { routes: new Set(known), document: Document.parse(await answer.json()), pathname }
}

const Route = z.object({ path: z.string(), methods: z.record(z.string(), z.boolean()) })

/** Not of the API: docs/admin.md has them. */
const OTHERS = ['get /health', 'get /ready', 'get /metrics']

test.each(['local', 'hub'] as const)(
  'each route of a relay in %s mode is in its document, and no other',
  async (mode) => {
    await using hub = await startHub()
    using folder = temporaryFolder()
    const onHub = {
      JUPYTERHUB_SERVICE_NAME: 'jupyterpost',
      JUPYTERHUB_SERVICE_PREFIX: '/jh/services/jupyterpost/',
      JUPYTERHUB_SERVICE_URL: 'http://127.0.0.1:0',
      JUPYTERHUB_API_URL: hub.apiUrl,
      JUPYTERHUB_OAUTH_ACCESS_SCOPES: JSON.stringify([GRANT]),
      JUPYTERPOST_DATABASE: `${folder.path}/relay.sqlite`,
    }
    const { routes, document, pathname } = await started({
      ...folder.env,
      ...(mode === 'hub' && onHub),
    })
    const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )
    expect(listed.toSorted()).toEqual(
      [...routes].filter((route) => !OTHERS.includes(route)).toSorted(),
    )
    expect(listed.length).toBeGreaterThan(15)
    expect(document.openapi).toMatch(/^3\.1\./)
    expect(document.servers).toEqual([{ url: pathname.replace(/(.)\/$/, '$1') }])
  },
)

test('the document has each status of each request, and resolves each reference', () => {
  for (const mode of ['local', 'hub'] as const) {
    const operations = operationsOf(mode)
    const document = openApiDocument({ operations, prefix: '/' })
    const text = JSON.stringify(document)
    const { paths } = Document.parse(document)
    for (const operation of operations) {
      const responses = paths[operation.path]?.[operation.method]?.responses ?? {}
      const refused =
        operation.plain?.map(({ status }) => status) ??
        refusalsOf(operation).map((code) => CODES[code].status)
      expect(Object.keys(responses)).toEqual(
        expect.arrayContaining(
          [...operation.answers.map(({ status }) => status), ...refused].map(String),
        ),
      )
    }
    for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g))
      expect(text).toContain(`"${name}":{`)
  }
})

test('docs/api.md is what the document says', () => {
  const path = join(root, 'docs/api.md')
  const page = apiPage()
  if (process.env['UPDATE_API'] === '1') writeFileSync(path, page)
  expect(readFileSync(path, 'utf8')).toBe(page)
})
