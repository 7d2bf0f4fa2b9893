// The clone's own relay with its inbox: started by the CLI, as a person would, and read by its HTTP
// interface.
import { join } from 'node:path'
import { z } from 'zod'
import { findLocalRelay } from '../post/relay/local-relay.ts'
import { Feed } from '../post/contract/schema.ts'
import type { ReadPost } from '../post/contract/schema.ts'
import { startChild } from './child.ts'
import type { Child, ChildOptions } from './child.ts'
import { clone } from './clone.ts'

const READY_LIMIT = 30_000

export interface Relay extends Pick<Child, 'ended' | 'stop'> {
  /** Ends with a slash. */
  url: string
  token: string
  /**
   * False if it was already running, started by a notebook for example: then we must not end it.
   */
  isOurs: boolean
}

/** @param env - From `cloneEnvironment`. */
export async function startRelay(
  env: NodeJS.ProcessEnv,
  onStarted?: ChildOptions<unknown>['onStarted'],
): Promise<Relay> {
  const running = await findLocalRelay(env)
  if (running !== undefined)
    return {
      ...addressOf(running),
      isOurs: false,
      ended: new Promise<never>(() => undefined),
      stop: () => Promise.resolve(),
    }
  const child = await startChild(
    'the relay',
    process.execPath,
    [join(clone, 'bin/jupyterpost'), 'relay', '--mode', 'local'],
    { env, cwd: clone, limit: READY_LIMIT, ready: () => findLocalRelay(env), onStarted },
  )
  return { ...child, ...addressOf(child.ready), isOurs: true }
}

type Found = NonNullable<Awaited<ReturnType<typeof findLocalRelay>>>

function addressOf({ url, token }: Found): Pick<Relay, 'url' | 'token'> {
  if (token === undefined) throw new Error(`the relay at ${url.href} has no token`)
  return { url: url.href, token }
}

async function ask(relay: Relay, path: string, body?: object): Promise<Response> {
  const answer = await fetch(relay.url + path, {
    headers: { authorization: `token ${relay.token}`, 'content-type': 'application/json' },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  })
  if (!answer.ok)
    throw new Error(`${relay.url}${path} answered ${answer.status}: ${await answer.text()}`)
  return answer
}

const Links = z.object({ page: z.string() })

/** An address of the inbox page; it lets in one browser, once, within 10 minutes. */
export async function inboxPage(relay: Relay): Promise<string> {
  const { page } = Links.parse(await (await ask(relay, 'api/v1/links', {})).json())
  return relay.url + page
}

/** The posts in the inbox, oldest first. */
export async function readInbox(relay: Relay): Promise<ReadPost[]> {
  return Feed.parse(await (await ask(relay, 'api/v1/posts?limit=100')).json()).posts
}

export async function readFile(relay: Relay, post: ReadPost, index: number): Promise<Uint8Array> {
  const answer = await ask(relay, `api/v1/posts/${post.id}/files/${index}`)
  return new Uint8Array(await answer.arrayBuffer())
}
