// A Jupyter server from the clone's own `.venv`: JupyterLab for a person, the bare server for the
// demo and for tests. Its token is in the environment, never on the command line.
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { startChild } from './child.ts'
import type { Child, ChildOptions } from './child.ts'
import { startVenv } from './clone.ts'
import { inVenv } from './venv.ts'

/** On a cold disk and a busy machine JupyterLab took 20 s. */
const READY_LIMIT = 120_000

const ServerFile = z.looseObject({ url: z.string(), pid: z.int() })

export interface Jupyter extends Child {
  /** Ends with a slash. */
  url: string
  token: string
}

export interface JupyterOptions extends Pick<ChildOptions<string>, 'onStarted'> {
  app: 'lab' | 'server'
  /** From `cloneEnvironment`. */
  env: NodeJS.ProcessEnv
  /** Folder whose files it shows. */
  root: string
  /** Page below `url` that it opens in a browser; by default none is opened. */
  open?: string
}

export async function startJupyter(options: JupyterOptions): Promise<Jupyter> {
  const token = randomBytes(24).toString('hex')
  const runtime = options.env['JUPYTER_RUNTIME_DIR']
  if (runtime === undefined) throw new Error('JUPYTER_RUNTIME_DIR is not set')
  mkdirSync(options.root, { recursive: true })
  if (options.app === 'lab') askNothing(options.env)
  const args = [
    '--ServerApp.ip=127.0.0.1',
    '--ServerApp.port=0',
    `--ServerApp.root_dir=${options.root}`,
    ...(options.open === undefined
      ? ['--no-browser']
      : [`--ServerApp.default_url=${options.open}`]),
    ...(process.getuid?.() === 0 ? ['--allow-root'] : []),
  ]
  const child = await startChild(
    options.app === 'lab' ? 'JupyterLab' : 'the Jupyter server',
    inVenv(startVenv.folder, `jupyter-${options.app}`),
    args,
    {
      env: { ...options.env, JUPYTER_TOKEN: token },
      cwd: options.root,
      limit: READY_LIMIT,
      onStarted: options.onStarted,
      ready: async (pid) => {
        const url = readUrl(join(runtime, `jpserver-${pid}.json`))
        if (url === undefined) return undefined
        return (await answers(`${url}api/status`, token)) ? url : undefined
      },
    },
  )
  return { ...child, url: child.ready, token }
}

/** JupyterLab asks new users about news and looks for updates outside; existing settings stay. */
function askNothing(env: NodeJS.ProcessEnv): void {
  const folder = join(env['JUPYTERLAB_SETTINGS_DIR'] ?? '', '@jupyterlab/apputils-extension')
  const path = join(folder, 'notification.jupyterlab-settings')
  if (existsSync(path)) return
  mkdirSync(folder, { recursive: true })
  writeFileSync(path, '{ "fetchNews": "false", "checkForUpdates": false }\n')
}

/** Undefined until the server has written all of it. */
function readUrl(path: string): string | undefined {
  try {
    return ServerFile.parse(JSON.parse(readFileSync(path, 'utf8'))).url
  } catch (error) {
    if (Error.isError(error) && (error.name === 'SyntaxError' || 'code' in error)) return undefined
    throw error
  }
}

/** Whether a GET gets status 200; a refused connection means no. */
export async function answers(url: string, token?: string): Promise<boolean> {
  try {
    const answer = await fetch(
      url,
      token === undefined ? {} : { headers: { authorization: `token ${token}` } },
    )
    return answer.ok
  } catch (error) {
    if (Error.isError(error) && error.message === 'fetch failed') return false
    throw error
  }
}
