// The clone's own relay with its inbox: started through the CLI, as a person would, and read through its HTTP interface.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { RelayFile, relayFilePath } from '../post/relay-file.ts'
import { Feed } from '../post/schema.ts'
import type { ReadPost } from '../post/schema.ts'
import { startChild } from './child.ts'
import type { Child } from './child.ts'
import { clone } from './clone.ts'
import { answers } from './jupyter.ts'

const READY_LIMIT = 30_000

export interface Relay extends Child {
  /** Ends with a slash. */
  url: string
  token: string
}

/** @param env - from `cloneEnvironment`. */
export async function startRelay(env: NodeJS.ProcessEnv): Promise<Relay> {
  const child = await startChild(
    'the relay',
    process.execPath,
    [join(clone, 'bin/jupyterpost'), 'relay'],
    {
      env,
      cwd: clone,
      limit: READY_LIMIT,
      ready: async (pid) => {
        const file = readRelayFile(env)
        if (file?.pid !== pid) return undefined
        return (await answers(`${file.url}health`)) ? file : undefined
      },
    },
  )
  return { ...child, url: child.ready.url, token: child.ready.token }
}

function readRelayFile(env: NodeJS.ProcessEnv): RelayFile | undefined {
  try {
    return RelayFile.parse(JSON.parse(readFileSync(relayFilePath(env), 'utf8')))
  } catch (error) {
    if (Error.isError(error) && (error.name === 'SyntaxError' || 'code' in error)) return undefined
    throw error
  }
}

async function ask(relay: Relay, path: string, method = 'GET'): Promise<Response> {
  const answer = await fetch(relay.url + path, {
    method,
    headers: { authorization: `token ${relay.token}` },
  })
  if (!answer.ok)
    throw new Error(`${relay.url}${path} answered ${answer.status}: ${await answer.text()}`)
  return answer
}

const Link = z.object({ path: z.string() })

/** An address of the inbox page that lets one browser in, once, within 10 minutes. */
export async function inboxPage(relay: Relay): Promise<string> {
  const { path } = Link.parse(await (await ask(relay, 'api/v1/links', 'POST')).json())
  return relay.url + path
}

/** The posts in the inbox, oldest first. */
export async function readInbox(relay: Relay): Promise<ReadPost[]> {
  return Feed.parse(await (await ask(relay, 'api/v1/posts?limit=100')).json()).posts
}

export async function readFile(relay: Relay, post: ReadPost, index: number): Promise<Uint8Array> {
  const answer = await ask(relay, `api/v1/posts/${post.id}/files/${index}`)
  return new Uint8Array(await answer.arrayBuffer())
}
