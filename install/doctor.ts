// What a post from a notebook needs, part by part, in the order in which a person would look. A
// finding says how things are and, if there is a problem, what to do. Reads only; never prints a
// token.
import { execFile } from 'node:child_process'
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { messageOf } from '../post/contract/error.ts'
import { findLocalRelay } from '../post/relay/local-relay.ts'
import { RelayFile, relayFilePath } from '../post/relay/relay-file.ts'
import { trimmed } from '../post/relay/token.ts'
import { brokenParts, remoteRelay } from './doctor-relay.ts'
import { note, ok, problem } from './finding.ts'
import type { Finding } from './finding.ts'
import { dataPath } from './jupyter-paths.ts'
import { isOurs, readKernelspec } from './kernelspec.ts'
import { packageRoot } from './package-root.ts'

const HUB_NAMES = ['JUPYTERHUB_API_TOKEN', 'JPY_API_TOKEN', 'JUPYTERHUB_USER']

export async function* diagnose(env: NodeJS.ProcessEnv): AsyncGenerator<Finding> {
  yield node()
  yield await zeromq()
  yield await jupyter(env)
  yield* kernelspecs(env)
  yield* await relay(env)
  yield* others(env)
}

function node(): Finding {
  const major = Number(process.versions.node.split('.')[0])
  const text = `${process.versions.node} (${process.execPath})`
  return major >= 24
    ? ok('Node', text)
    : problem(
        'Node',
        `${text}; 24 or newer is needed: install it, e.g. with \`npm install --global node@24\``,
      )
}

async function zeromq(): Promise<Finding> {
  try {
    const { version } = await import('zeromq')
    return ok('zeromq', `loads, libzmq ${version}`)
  } catch (error) {
    return problem(
      'zeromq',
      `does not load (${messageOf(error)}); run \`npm install\` again in ${packageRoot}`,
    )
  }
}

/** Executables with that name, in the order of PATH. */
function onPath(name: string, env: NodeJS.ProcessEnv): string[] {
  return (env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .filter((path) => {
      try {
        accessSync(path, constants.X_OK)
        return statSync(path).isFile()
      } catch {
        // It is missing, or we may not run it.
        return false
      }
    })
}

async function jupyter(env: NodeJS.ProcessEnv): Promise<Finding> {
  const [program] = onPath('jupyter', env)
  if (program === undefined)
    return problem(
      'Jupyter',
      'no `jupyter` on PATH; install it (`pip install jupyterlab`) or activate its environment',
    )
  try {
    const { stdout } = await promisify(execFile)(program, ['--version'], {
      env: { ...env },
      timeout: 60_000,
    })
    const server = /^jupyter_server\s*:\s*(\S+)/m.exec(stdout)?.[1]
    return ok('Jupyter', `${program}${server === undefined ? '' : `, jupyter_server ${server}`}`)
  } catch (error) {
    return problem('Jupyter', `${program} does not run: ${messageOf(error)}`)
  }
}

function* kernelspecs(env: NodeJS.ProcessEnv): Generator<Finding> {
  let found = 0
  for (const kernels of dataPath(env).map((folder) => join(folder, 'kernels'))) {
    if (!existsSync(kernels)) continue
    for (const name of readdirSync(kernels).filter((entry) => !entry.startsWith('.'))) {
      const folder = join(kernels, name)
      const spec = readKernelspec(folder)
      if (spec === undefined || !isOurs(spec)) continue
      found += 1
      const gone = spec.argv.filter((word) => word.startsWith('/') && !existsSync(word))
      yield gone.length === 0
        ? ok('kernelspec', `${folder} ("${spec.display_name}")`)
        : problem(
            'kernelspec',
            `${folder} names ${gone.join(' and ')}, which is gone; run \`jupyterpost install --name ${name}\` again, or \`--remove\` it`,
          )
    }
  }
  if (found === 0)
    yield problem('kernelspec', 'Jupyter does not know the kernel; run `jupyterpost install`')
}

/** The file's content; a file that is not JSON is as useless as one without a port. */
function readRelayFile(path: string) {
  try {
    return RelayFile.safeParse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    if (Error.isError(error) && error.name === 'SyntaxError') return RelayFile.safeParse(undefined)
    throw error
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it runs, but belongs to another user.
    return Error.isError(error) && 'code' in error && error.code === 'EPERM'
  }
}

async function relay(env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const url = trimmed(env['JUPYTERPOST_URL'])
  if (url && url !== 'local') return remoteRelay(url, env)
  const hub = HUB_NAMES.filter((name) => env[name])
  if (hub.length > 0 && url !== 'local')
    return [
      problem(
        'relay',
        `this is a Hub (${hub[0]} is set) and JUPYTERPOST_URL is not; the admin sets it (see configure_jupyterhub), then the server is restarted`,
      ),
    ]
  const path = relayFilePath(env)
  if (!existsSync(path)) return [note('relay', 'none runs here; the first post starts one')]
  const mode = statSync(path).mode & 0o777
  const file = readRelayFile(path)
  if (!file.success)
    return [problem('relay', `${path} cannot be read as a relay's address; remove it`)]
  if (!alive(file.data.pid))
    return [
      note('relay', `${path} belongs to a relay that has ended; the first post starts a new one`),
    ]
  // Its token is sent only to the relay that wrote the file.
  const local = await findLocalRelay(env)
  return [
    ok('relay', `a local one runs, process ${file.data.pid}`),
    (mode & 0o077) === 0
      ? ok('token', `the local relay's own, in ${path}`)
      : problem('token', `${path} can be read by others; \`chmod 600\` it`),
    ...(local === undefined ? [] : await brokenParts(local)),
  ]
}

/**
 * The Python package of this name once installed a program of this name: the shell must not start
 * it.
 */
function* others(env: NodeJS.ProcessEnv): Generator<Finding> {
  const own = realpathSync(join(packageRoot, 'bin', 'jupyterpost'))
  const found = onPath('jupyterpost', env)
  const foreign = found.filter((path) => realpathSync(path) !== own)
  for (const path of foreign) {
    const python = /^#!.*python/.test(readFileSync(path, 'utf8').slice(0, 200))
    const what = python ? "a Python program's" : 'of another installation'
    yield problem(
      'PATH',
      `${path} is ${what} \`jupyterpost\`, not ${own}; remove it or put ours first`,
    )
  }
  if (foreign.length > 0) return
  yield found.length > 0
    ? ok('PATH', `\`jupyterpost\` is ${found[0]}`)
    : note('PATH', `no \`jupyterpost\` on PATH; run ${own} by its path`)
}
