// Real JupyterHubs with `internal_ssl`, and who has a name there as they tell it: certificates made
// by the Hub, users deleted and made again by its API.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { z } from 'zod'

import { Accepted, Feed } from '../../post/contract/schema.ts'
import { allDelivered, message, send } from '../../service/test/helpers/relay.ts'
import { startHub } from './helpers/hub.ts'
import type { TestHub } from './helpers/hub.ts'
import { SECURE_RELAYS, secureConfig } from './helpers/secure-config.ts'

/** Long, since the environments may have to be made first. */
const SETUP_LIMIT = 400_000
const LIMIT = 60_000

interface At {
  url: string
  token: string
}

async function posted(at: At, text: string): Promise<void> {
  const { posts } = Accepted.parse(await (await send(at, message(text, '@me'))).json())
  await allDelivered(
    at,
    posts.map(({ id }) => id),
  )
}

/** Senders and contents of the posts that this token may read. */
async function read(at: At): Promise<string> {
  const headers = { authorization: `token ${at.token}` }
  const answer = await fetch(new URL('api/v1/posts', at.url), { headers })
  const { posts } = Feed.parse(await answer.json())
  return JSON.stringify(posts.map(({ from, blocks }) => [from, blocks]))
}

describe.each(['hub5', 'hub6'] as const)('%s with internal_ssl', (version) => {
  let hub: TestHub

  beforeAll(async () => {
    hub = await startHub({ version, baseUrl: '/', config: secureConfig })
  }, SETUP_LIMIT)

  afterAll(() => hub?.stop(), LIMIT)

  /** A new token of a user for this service. */
  async function as(user: string, service: string): Promise<At> {
    const scopes = [`access:services!service=${service}`]
    const made = await hub.api('POST', `users/${user}/tokens`, { scopes, expires_in: 600 })
    return {
      url: hub.serviceUrl(service),
      token: z.object({ token: z.string() }).parse(made).token,
    }
  }

  test.each(SECURE_RELAYS)('%s is reached by TLS, and reaches the Hub by TLS', async (name) => {
    const answer = await fetch(new URL('ready', hub.serviceUrl(name)))
    // The Hub's answer is a part of it.
    expect(await answer.json()).toEqual({ status: 'ready' })
    await hub.api('POST', `users/by-${name}`)
    const at = await as(`by-${name}`, name)
    await posted(at, 'through all of it')
    expect(await read(at)).toContain('through all of it')
  })

  test('who has no certificate of the Hub does not get to the relay', async () => {
    const port = /https:\/\/127\.0\.0\.1:(\d+)\/services\/jupyterpost/.exec(hub.log())?.[1]
    expect(port).toBeDefined()
    await expect(fetch(`http://127.0.0.1:${port}/services/jupyterpost/health`)).rejects.toThrow()
    const folder = join(hub.folder, 'certificates')
    const authority = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.crt'),
    )
    expect(authority.length).toBeGreaterThan(0)
    const { request } = await import('node:https')
    const ca = authority.map((name) => readFileSync(join(folder, name), 'utf8'))
    const code = await new Promise<string>((resolve) => {
      request({ host: '127.0.0.1', port, path: '/services/jupyterpost/health', ca })
        .once('error', (error) => resolve('code' in error ? String(error.code) : error.message))
        .once('response', ({ statusCode }) => resolve(`answered ${statusCode}`))
        .end()
    })
    expect(code).toMatch(/CERTIFICATE_REQUIRED|ECONNRESET|EPROTO/)
  })

  test.each([
    {
      name: 'jupyterpost',
      inherits: false,
      words: 'may read users, so it tells people of one name apart',
    },
    { name: 'plain', inherits: true, words: 'may not, and cannot tell them apart for 30 days' },
  ])('$name $words', async ({ name, inherits }) => {
    const user = `twice-${name}`
    await hub.api('POST', `users/${user}`)
    await posted(await as(user, name), 'of the first')
    expect(await read(await as(user, name))).toContain('of the first')
    await hub.api('DELETE', `users/${user}`)
    await hub.api('POST', `users/${user}`)
    const second = await as(user, name)
    const seen = await read(second)
    if (inherits) expect(seen).toContain('of the first')
    else {
      expect(seen).toBe('[]')
      await posted(second, 'of the second')
      expect(await read(await as(user, name))).toContain(`"${user}/2"`)
    }
  })
})
