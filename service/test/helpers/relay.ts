// A relay in this process or in a separate one, on port 0 with a database in a temporary folder,
// and clients for it.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import type { Server } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

import { parseConfig } from '../../config.ts'
import { createLog } from '../../log.ts'
import type { Log } from '../../log.ts'
import { startRelay } from '../../relay.ts'
import type { Relay } from '../../relay.ts'
import { ReadPost } from '../../../post/contract/schema.ts'
import { Changes } from '../../../test/helpers/until.ts'

export interface Folder extends Disposable {
  path: string
  env: NodeJS.ProcessEnv
}

/** A separate home, so that no test sees the person's. */
export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'jupyterpost-'))
  const env = {
    PATH: process.env.PATH,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
    HOME: path,
    XDG_STATE_HOME: join(path, 'state'),
    JUPYTER_RUNTIME_DIR: join(path, 'runtime'),
    JUPYTERPOST_LOG: 'silent',
  }
  return { path, env, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

export interface TestRelay extends AsyncDisposable {
  relay: Relay
  url: string
  token: string
  clock: { ms: number }
}

/** A relay in this process. Its clock stands still unless a test moves it. */
export async function testRelay(
  env: NodeJS.ProcessEnv,
  options: { page?: string; onIdle?: () => void; log?: Log; now?: number; person?: string } = {},
): Promise<TestRelay> {
  const clock = { ms: options.now ?? Date.now() }
  const parsed = parseConfig(
    env,
    env.JUPYTERHUB_SERVICE_NAME === undefined ? { mode: 'local' } : {},
  )
  const config = { ...parsed, person: options.person ?? parsed.person }
  const relay = await startRelay({
    config,
    log: options.log ?? createLog('silent'),
    page: options.page === undefined ? undefined : { root: options.page },
    now: () => clock.ms,
    random: () => 0,
    onIdle: options.onIdle ?? (() => undefined),
  })
  return {
    relay,
    url: relay.url,
    token: relay.gate?.token ?? '',
    clock,
    [Symbol.asyncDispose]: () => relay.close(),
  }
}

export interface Spawned extends AsyncDisposable {
  process: ChildProcess
  /** Resolves with the exit code, or with the signal's name. */
  exited: Promise<number | string>
  stderr: () => string
  /** The first line of stdout that matches; undefined if the process ended without one. */
  line: (pattern: RegExp) => Promise<string | undefined>
}

/** Runs a program of the relay's folder. @param program - Path from this folder, no extension. */
export function spawnProgram(program: string, args: string[], env: NodeJS.ProcessEnv): Spawned {
  const url = new URL(`${program}${extname(import.meta.url)}`, import.meta.url)
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', fileURLToPath(url), ...args],
    { env, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const lines: string[] = []
  const changes = new Changes()
  let ended = false
  createInterface(child.stdout)
    .on('line', (line) => {
      lines.push(line)
      changes.tell()
    })
    .on('close', () => {
      ended = true
      changes.tell()
    })
  const exited = new Promise<number | string>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown')),
  )
  const saw = () => ({ lines, stderr })
  const line = async (pattern: RegExp) => {
    let found: string | undefined
    const isOver = () => (found = lines.find((one) => pattern.test(one))) !== undefined || ended
    await changes.until(isOver, `${program} prints ${String(pattern)}`, { saw })
    return found
  }
  return {
    process: child,
    exited,
    stderr: () => stderr,
    line,
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await exited
    },
  }
}

export function authorized(token: string): Record<string, string> {
  return { authorization: `token ${token}` }
}

/** One request of `POST api/v1/posts`. */
export async function send(
  at: { url: string; token: string },
  manifest: object | string,
  options: { key?: string; files?: File[] } = {},
): Promise<Response> {
  const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifest)
  return sendForm(at, 'POST', 'api/v1/posts', text, options)
}

/** One request of `PATCH api/v1/posts/ID`. */
export async function change(
  at: { url: string; token: string },
  id: string,
  content: object,
  options: { key?: string; files?: File[] } = {},
): Promise<Response> {
  return sendForm(at, 'PATCH', `api/v1/posts/${id}`, JSON.stringify(content), options)
}

async function sendForm(
  at: { url: string; token: string },
  method: 'POST' | 'PATCH',
  path: string,
  manifest: string,
  options: { key?: string; files?: File[] },
): Promise<Response> {
  const form = new FormData()
  form.append('post', manifest)
  for (const file of options.files ?? []) form.append('files', file)
  return fetch(new URL(path, at.url), {
    method,
    body: form,
    headers: {
      ...authorized(at.token),
      ...(options.key !== undefined && { 'idempotency-key': options.key }),
    },
  })
}

export const message = (text: string, ...targets: string[]) => ({
  targets,
  blocks: [{ type: 'message', text }],
})

/** For `gone` there is only the id. */
const Shown = ReadPost.partial().required({ id: true })

/** ms: only ever reached by a bug, and below jest's own limit, which has no words. */
const EVENTS_LIMIT = 45_000

/**
 * Events of the stream from a cursor on, until the caller stops reading.
 *
 * @param limit - ms in which the caller has seen all that it waits for.
 */
export async function* events(
  at: { url: string; token: string },
  since: string,
  limit = EVENTS_LIMIT,
): AsyncGenerator<{ id: string; event: string; post: z.infer<typeof Shown> }> {
  const stop = new AbortController()
  const last: string[] = []
  const late = setTimeout(() => {
    const saw = last.slice(-10).join('\n')
    stop.abort(new Error(`the event that the test waits for did not come; the last were\n${saw}`))
  }, limit)
  try {
    const answer = await fetch(new URL('api/v1/events', at.url), {
      headers: { ...authorized(at.token), 'last-event-id': since },
      signal: stop.signal,
    })
    let rest = ''
    const text = answer.body?.pipeThrough(new TextDecoderStream())
    for await (const chunk of text ?? []) {
      const parts = (rest + chunk).split('\n\n')
      rest = parts.pop() ?? ''
      for (const part of parts) {
        const fields = new Map(
          part
            .split('\n')
            .map((line) => [line.split(': ', 1)[0] ?? '', line.replace(/^\w*: /, '')]),
        )
        const data = fields.get('data')
        if (data === undefined) continue
        last.push(data)
        yield {
          id: fields.get('id') ?? '',
          event: fields.get('event') ?? '',
          post: Shown.parse(JSON.parse(data)),
        }
      }
    }
  } finally {
    clearTimeout(late)
    stop.abort()
  }
}

/** Waits until the stream has shown all these posts as delivered. */
export async function allDelivered(
  at: { url: string; token: string },
  ids: Iterable<string>,
): Promise<void> {
  const open = new Set(ids)
  for await (const { post } of events(at, '0')) {
    if (post.status === 'delivered') open.delete(post.id)
    if (open.size === 0) return
  }
  throw new Error(`The stream ended before ${open.size} posts were delivered`)
}

/** Binds a server to a free port of loopback. */
export async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The server has no port')
  return address.port
}
