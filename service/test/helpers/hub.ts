// A Hub as a service sees it (measured on 5.5.4 and 6.1.1): `GET /hub/api/user` with the caller's
// token, and `/hub/api/users/NAME` with one that has `read:users`, over real HTTP.
import { createServer } from 'node:http'

import { listening } from './relay.ts'

export interface HubUser {
  name: string
  kind?: 'user' | 'service'
  groups?: string[]
  scopes: string[]
  admin?: boolean
  token_id?: string
  /** When the Hub made this user; shown to `read:users` only. */
  created?: string
}

export interface TestHub extends AsyncDisposable {
  apiUrl: string
  /** Token -> its user. */
  users: Map<string, HubUser>
  /** Number of requests of `/user` so far. */
  asked: () => number
  /** Gives every answer this status, and no model. */
  fail: (status: number | undefined) => void
  /** Lets something else answer in place of the Hub. */
  replace: (answer: { status: number; body: string; type: string } | undefined) => void
  /** Nobody listens at its address while `meanwhile` runs. */
  restart: (meanwhile: () => Promise<void>) => Promise<void>
}

export const GRANT = 'access:services!service=jupyterpost'

export async function startHub(): Promise<TestHub> {
  const users = new Map<string, HubUser>()
  let asked = 0
  let failure: number | undefined
  let other: { status: number; body: string; type: string } | undefined
  const server = createServer((request, response) => {
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (other) {
      const headers = { 'content-type': other.type, location: '/hub/login' }
      response.writeHead(other.status, headers).end(other.body)
      return
    }
    if (failure !== undefined) {
      answer(failure, { status: failure, message: null })
      return
    }
    if (request.url === '/hub/api/') {
      answer(200, { version: '6.1.1' })
      return
    }
    asked += 1
    const token = /^token (\S+)$/.exec(request.headers.authorization ?? '')?.[1] ?? ''
    const user = users.get(token)
    const named = /^\/hub\/api\/users\/([^/]+)$/.exec(request.url ?? '')?.[1]
    if (named !== undefined && user?.scopes.includes('read:users')) {
      const found = [...users.values()].findLast(
        ({ name, kind }) => name === decodeURIComponent(named) && kind !== 'service',
      )
      if (found) answer(200, { ...found, kind: 'user', groups: found.groups ?? [] })
      else answer(404, { status: 404, message: 'Not Found' })
      return
    }
    if (request.url !== '/hub/api/user' || !user) {
      answer(403, { status: 403, message: null })
      return
    }
    const { kind = 'user', groups = [], created: _, ...shown } = user
    const { admin = false, token_id = 'a5' } = shown
    answer(200, { ...shown, kind, groups, admin, token_id, session_id: null })
  })
  const port = await listening(server)
  const stop = async () => {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
  return {
    apiUrl: `http://127.0.0.1:${port}/hub/api`,
    users,
    asked: () => asked,
    fail: (status) => {
      failure = status
    },
    replace: (answer) => {
      other = answer
    },
    async restart(meanwhile) {
      await stop()
      await meanwhile()
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
    },
    [Symbol.asyncDispose]: stop,
  }
}
