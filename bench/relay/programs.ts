// The programs that are measured, each a process of its own: the relay as it is installed, the bare
// server, a chat that speaks Mattermost, and a stand-in Hub in this process.
import { existsSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { z } from 'zod'

import { GRANT, startHub } from '../../service/test/helpers/hub.ts'
import type { TestHub } from '../../service/test/helpers/hub.ts'

const root = join(import.meta.dirname, '../..')
const RELAY = join(root, 'dist/service/main.js')

export interface Program extends AsyncDisposable {
  pid: number
  /** The rest of its first line. */
  says: string
  /** `performance.now()` when it was started. */
  startedAt: number
  /** Its next line. */
  line: () => Promise<string>
}

/** Starts a program of Node's and waits for its first line. */
async function start(
  args: string[],
  env: NodeJS.ProcessEnv,
  log: number | 'inherit' = 'inherit',
): Promise<Program> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env.PATH, ...env },
    // Written as on a Hub, but not here: its log has a line for each request.
    stdio: ['ignore', 'pipe', log],
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  if (!child.stdout) throw new Error(`${args.join(' ')} has no stdout`)
  const lines = createInterface(child.stdout)
  const line = () =>
    new Promise<string>((resolve, reject) => {
      lines.once('line', resolve)
      child.once('error', reject)
      child.once('close', (code) => reject(new Error(`${args.join(' ')} ended with ${code}`)))
    })
  const says = await line()
  return {
    pid: child.pid ?? 0,
    says: says.replace(/^\w+: /, ''),
    startedAt,
    line,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

export function bareServer(folder: string): Promise<Program> {
  return start([join(import.meta.dirname, 'bare-server.ts'), join(folder, 'bare.sqlite')], {})
}

/** It takes no post until it is told to. */
export async function chatServer(): Promise<Chat> {
  const program = await start([join(import.meta.dirname, 'chat-server.ts'), String(ROOMS)], {})
  const { url, token, team, channels } = ChatWords.parse(JSON.parse(program.says))
  const takePosts = () => void process.kill(program.pid, 'SIGUSR2')
  return { ...program, url, token, team, channels, takePosts }
}

const ChatWords = z.object({
  url: z.string(),
  token: z.string(),
  team: z.string(),
  channels: z.array(z.string()),
})
type ChatWords = z.infer<typeof ChatWords>

export type Chat = Program & ChatWords & { takePosts: () => void }

/** People and channels; person N posts to `~room-N`. */
export const ROOMS = 100

export const personOf = (client: number) => `person-${client % ROOMS}`
export const roomOf = (client: number) => `room-${client % ROOMS}`
export const tokenOf = (client: number) => `token-of-${personOf(client)}`

export async function hubOfAll(): Promise<TestHub> {
  const hub = await startHub()
  for (let n = 0; n < ROOMS; n += 1)
    hub.users.set(tokenOf(n), {
      name: personOf(n),
      scopes: [GRANT, 'read:metrics'],
      groups: ['lab'],
    })
  return hub
}

export interface RelayProgram extends Program {
  port: number
  prefix: string
}

/** @throws {Error} if the clone was not built */
export async function relayProgram(
  folder: string,
  { hub, chat }: { hub: TestHub; chat?: ChatWords | undefined },
): Promise<RelayProgram> {
  if (!existsSync(RELAY))
    throw new Error('Run `npm run build` first: the relay is run as installed')
  const config = join(folder, 'config.json')
  const most = 1_000_000_000
  writeFileSync(
    config,
    JSON.stringify({
      quota: {
        postsPerMinute: most,
        textPerHour: most * 1000,
        bytesPerHour: most * 1000,
        directPerDay: most,
      },
      queue: { posts: 10_000_000 },
      ...(chat && {
        chats: {
          bench: { type: 'mattermost', url: chat.url, team: chat.team, token: chat.token },
        },
      }),
    }),
  )
  // To see where the time goes: `--cpu-prof --cpu-prof-dir=FOLDER`.
  const flags = process.env.JUPYTERPOST_BENCH_FLAGS?.split(' ') ?? []
  const program = await start(
    [...flags, RELAY],
    {
      HOME: folder,
      JUPYTERPOST_CONFIG: config,
      JUPYTERPOST_DATABASE: databaseIn(folder),
      JUPYTERPOST_LISTEN: '127.0.0.1:0',
      JUPYTERHUB_SERVICE_NAME: 'jupyterpost',
      JUPYTERHUB_API_URL: hub.apiUrl,
      JUPYTERHUB_API_TOKEN: 'a-token-of-the-service',
    },
    openSync(join(folder, 'log'), 'a'),
  )
  const { port, pathname } = new URL(program.says)
  return { ...program, port: Number(port), prefix: pathname }
}

export const databaseIn = (folder: string) => join(folder, 'relay.sqlite')

/** ms of processor time that a process has used. */
export function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}

/** Linux counts it in hundredths of a second. */
const TICK_MS = 10

/** MB of a process: what it has now, and the most that it ever had. */
export function memoryOf(pid: number): { now: number; most: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mb = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1024
  return { now: mb('VmRSS'), most: mb('VmHWM') }
}
