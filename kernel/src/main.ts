// The kernel program: argv, signals, exit codes; only this file ends the process. The runtime is
// forked first: it starts while this process imports the sockets and the compiler.
import { parseArgs } from 'node:util'
import { pathWithNode } from './node-folder.ts'
import { relayProgram } from './relay-program.ts'
import { startRuntime } from './runtime/child-runtime.ts'
import type { Runtime } from './runtime/runtime.ts'

const GONE =
  'the folder it was started in no longer exists: open the notebook again from a folder that exists'
const USAGE = 'usage: node kernel/src/main.ts [--connection-file] FILE'

/** Exit codes: 0 asked to end, 1 could not start or lost its parent, 2 wrong arguments. */
async function main(): Promise<void> {
  const file = connectionFile(process.argv.slice(2))
  if (file === undefined) return fail(USAGE, 2)
  ignoreBrokenPipes()
  const folder = currentFolder()
  if (folder === undefined) return fail(`jupyterpost kernel: ${GONE}`, 1)

  // For the cells, and for all that they and their magics start.
  process.env['PATH'] = pathWithNode(process.env, process.execPath, log)
  const runtime = startRuntime({ cwd: folder })
  try {
    await serve(file, folder, runtime)
  } catch (error) {
    await runtime.close()
    // Only the connection file or a port can be wrong here: a sentence is enough.
    return fail(`jupyterpost kernel: ${Error.isError(error) ? error.message : String(error)}`, 1)
  }
  process.exit(0)
}

/** Resolves when the kernel was asked to end and has ended. */
async function serve(file: string, folder: string, runtime: Runtime): Promise<void> {
  const { readConnectionFile, writePorts } = await import('./protocol/connection.ts')
  const wanted = readConnectionFile(file)
  const [{ startKernel }, { historyPath, openHistory }, { stateFolder }] = await Promise.all([
    import('./kernel.ts'),
    import('./history/history-store.ts'),
    import('../../post/relay/folders.ts'),
  ])
  const kernel = await startKernel({
    connection: wanted,
    runtime,
    history: openHistory(historyPath(process.env), log, stateFolder(process.env)),
    env: process.env,
    relayProgram,
    folder,
    log,
  })
  if (Object.values(wanted.ports).includes(0)) writePorts(file, kernel.connection.ports)
  // Servers interrupt the whole process group, even when no cell runs: no reason to end.
  process.on('SIGINT', () => void kernel.interrupt())
  // Nobody asked for this: the server or its machine is being stopped.
  const stopped = (): void => void kernel.close('stopped')
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, stopped)
  onParentGone(stopped)
  await kernel.closed
}

function log(line: string): void {
  console.error(`jupyterpost kernel: ${line}`)
}

/** Undefined if the folder was removed. */
function currentFolder(): string | undefined {
  try {
    return process.cwd()
  } catch {
    // ENOENT, from the system's `getcwd`.
    return undefined
  }
}

/** `jupyter run FILE` adds FILE to our arguments: only the first one is meant for us. */
function connectionFile(args: string[]): string | undefined {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { 'connection-file': { type: 'string', short: 'f' } },
      allowPositionals: true,
    })
    return values['connection-file'] ?? positionals[0]
  } catch {
    // TypeError: an unknown option.
    return undefined
  }
}

/**
 * Calls `gone` when the launcher has died without a word. JPY_PARENT_PID is its pid only if it is
 * our parent. Behind a shim (npx, an environment manager) both are watched: the shim, whose death
 * gives us another parent, and the launcher, by signal 0.
 */
function onParentGone(gone: () => void): void {
  const launcher = Number(process.env['JPY_PARENT_PID'])
  if (!Number.isInteger(launcher) || launcher <= 1) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent && isAlive(launcher)) return
    clearInterval(timer)
    gone()
  }, 1000)
  timer.unref()
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: alive, and another user's.
    return Error.isError(error) && 'code' in error && error.code === 'EPERM'
  }
}

/** The server may close our stderr before us; a log line is no reason to die. */
function ignoreBrokenPipes(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
}

function fail(line: string, code: number): never {
  console.error(line)
  process.exit(code)
}

await main()
