// A real JupyterHub with its proxy in a separate folder, driven by its REST API, and ended with
// everything it started.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pythonVenv } from '../../setup/python.ts'
import { hubConfig } from './hub-config.ts'
import type { HubSetup } from './hub-config.ts'

/** ms; on a busy machine a Hub with three relays takes 10 s. */
const START_LIMIT = 60_000
const STOP_LIMIT = 30_000

export interface TestHub {
  folder: string
  /** `http://127.0.0.1:PORT/jh/` */
  url: string
  adminToken: string
  /** The address of a service, with a slash at its end. */
  serviceUrl(name: string): string
  /**
   * A request of the Hub's REST API as the admin. @returns The parsed answer. @throws {Error}
   * unless it is 2xx.
   */
  api(method: string, path: string, body?: unknown): Promise<unknown>
  /** Starts the user's server; resolves with its address once the Hub says it is ready. */
  startServer(user: string): Promise<string>
  /** What the Hub has written since it started. */
  log(): string
  /** Away while `meanwhile` runs, with its proxy, services and servers; then as it was. */
  restart(meanwhile: () => Promise<void>): Promise<void>
  stop(): Promise<void>
}

export async function startHub(options: {
  version: 'hub5' | 'hub6'
  baseUrl: string
  mattermost?: HubSetup['mattermost']
  /** Starts the relay that the Hub does not start, before the Hub; resolves with its origin. */
  startOutside?: (hub: { apiUrl: string; prefix: string; folder: string }) => Promise<string>
  /** The text of jupyterhub_config.py; `hubConfig` if left out. */
  config?: (setup: HubSetup) => string
}): Promise<TestHub> {
  const venv = await pythonVenv(options.version)
  const folder = mkdtempSync(join(tmpdir(), `jupyterpost-${options.version}-`))
  const [proxy = 0, proxyApi = 0, hub = 0, ...relays] = await freePorts(6)
  const adminToken = randomBytes(32).toString('hex')
  const { baseUrl, mattermost = { url: '', team: '', token: '' } } = options
  const ports = { proxy, proxyApi, hub, relays }
  const external = await options.startOutside?.({
    apiUrl: `http://127.0.0.1:${hub}${baseUrl}hub/api`,
    prefix: `${baseUrl}services/outside/`,
    folder,
  })
  const config = join(folder, 'jupyterhub_config.py')
  const setup = { folder, venv, baseUrl, ports, adminToken, mattermost, external: external ?? '' }
  writeFileSync(config, (options.config ?? hubConfig)(setup))
  mkdirSync(join(folder, 'home'))
  const launch = async () => {
    const child = spawn(join(venv, 'bin/jupyterhub'), ['--config', config], {
      cwd: folder,
      env: {
        PATH: `${join(venv, 'bin')}:${process.env['PATH'] ?? ''}`,
        HOME: folder,
        LANG: 'C.UTF-8',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const output = watch(child)
    running = { child, output }
    await output.line(/JupyterHub is now running/, START_LIMIT)
  }
  let running: { child: ChildProcess; output: ReturnType<typeof watch> } | undefined
  const log = () => running?.output.log() ?? ''
  const url = `http://127.0.0.1:${proxy}${baseUrl}`
  const stop = async () => {
    if (running) await end(running.child, log)
    rmSync(folder, { recursive: true })
  }
  try {
    await launch()
  } catch (error) {
    await stop()
    throw error
  }
  const api = (method: string, path: string, body?: unknown) =>
    request(adminToken, method, `${url}hub/api/${path}`, body)
  return {
    folder,
    url,
    adminToken,
    serviceUrl: (name) => `${url}services/${name}/`,
    api,
    async startServer(user) {
      await api('POST', `users/${user}/server`, {})
      await serverReady(`${url}hub/api/users/${user}/server/progress`, adminToken)
      return `${url}user/${user}/`
    },
    log,
    async restart(meanwhile) {
      if (running) await end(running.child, log)
      await meanwhile()
      await launch()
    },
    stop,
  }
}

/**
 * The Hub does not accept port 0, so these are free ports; the system gives them out in turn, so
 * nobody else gets them soon.
 */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => {
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('Expected a TCP port')
    return address.port
  })
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}

function watch(child: ChildProcess) {
  let text = ''
  const waiting = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue
    createInterface(stream).on('line', (line) => {
      text += `${line}\n`
      for (const look of waiting) look()
    })
  }
  const line = (pattern: RegExp, limit: number) =>
    new Promise<void>((resolve, reject) => {
      const settle = (error?: Error) => {
        waiting.delete(look)
        clearTimeout(timer)
        if (error) reject(error)
        else resolve()
      }
      const look = () => {
        if (pattern.test(text)) settle()
      }
      const timer = setTimeout(
        () => settle(new Error(`The Hub did not say ${pattern} in ${limit} ms:\n${text}`)),
        limit,
      )
      child.once('exit', (code) => settle(new Error(`The Hub ended with ${code}:\n${text}`)))
      waiting.add(look)
      look()
    })
  return { line, log: () => text }
}

/** The Hub ends its proxy, services and servers itself; if it cannot, that is a failure. */
async function end(child: ChildProcess, log: () => string): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const hurry = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT)
  await exited
  clearTimeout(hurry)
  if (child.signalCode === 'SIGKILL')
    throw new Error(`The Hub did not end in ${STOP_LIMIT} ms:\n${log()}`)
}

async function request(
  token: string,
  method: string,
  url: string,
  body?: unknown,
): Promise<unknown> {
  const answer = await fetch(url, {
    method,
    headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${url} answered ${answer.status}: ${text}`)
  return text === '' ? undefined : JSON.parse(text)
}

/** Follows the progress of a start: server-sent events, of which the last says ready or failed. */
async function serverReady(url: string, token: string): Promise<void> {
  const answer = await fetch(url, { headers: { authorization: `token ${token}` } })
  const text = await answer.text()
  if (!/"ready": ?true/.test(text)) throw new Error(`The server did not start:\n${text}`)
}
