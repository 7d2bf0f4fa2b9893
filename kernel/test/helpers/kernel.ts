// Kernels for tests: in this process with a stand-in runtime, or the real program.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { MEMORY, openHistory } from '../../src/history/history-store.ts'
import { startKernel } from '../../src/kernel.ts'
import type { Kernel } from '../../src/kernel.ts'
import { parseConnection } from '../../src/protocol/connection.ts'
import type { ConnectionInfo } from '../../src/protocol/connection.ts'
import { until } from '../../../test/helpers/until.ts'
import { relayProgram } from '../../src/relay-program.ts'
import { Client } from './client.ts'
import { RuntimeDouble } from './runtime-double.ts'

/** What a launcher writes, with ports for the kernel to choose. */
export function connectionFile(extra: Record<string, unknown> = {}): Record<string, unknown> {
  const ports = ['shell', 'control', 'stdin', 'iopub', 'hb'].map((name): [string, unknown] => [
    `${name}_port`,
    0,
  ])
  const file: Record<string, unknown> = {
    ip: '127.0.0.1',
    transport: 'tcp',
    signature_scheme: 'hmac-sha256',
    key: randomUUID(),
    ...Object.fromEntries(ports),
    ...extra,
  }
  return file
}

export interface InProcess {
  kernel: Kernel
  runtime: RuntimeDouble
  client: Client
  log: string[]
  close(): Promise<void>
}

export async function startInProcess(extra: Record<string, unknown> = {}): Promise<InProcess> {
  const log: string[] = []
  const runtime = new RuntimeDouble()
  const kernel = await startKernel({
    connection: parseConnection(connectionFile(extra)),
    runtime,
    history: openHistory(MEMORY, (line) => log.push(line)),
    env: { XDG_STATE_HOME: join(tmpdir(), 'jupyterpost-no-state'), JUPYTERPOST_TYPES: 'off' },
    relayProgram,
    folder: tmpdir(),
    log: (line) => log.push(line),
  })
  const client = await new Client(kernel.connection).connect()
  return {
    kernel,
    runtime,
    client,
    log,
    async close() {
      client.close()
      await kernel.close()
    },
  }
}

export interface Spawned {
  child: ChildProcess
  connection: ConnectionInfo
  /** Path of its connection file. */
  file: string
  stderr(): string
  /** Exit code, or the signal that ended it. */
  exited: Promise<number | string>
  /** Ends it if it is running, and removes its folder. */
  close(): Promise<void>
}

/** The kernelspec's flags. */
export const FLAGS = ['--max-semi-space-size=4']
export const MAIN = join(import.meta.dirname, '../../src', `main${extname(import.meta.filename)}`)

/** Runs the program in a new folder with a connection file; resolves when its ports are known. */
export async function spawnKernel(
  options: {
    connection?: Record<string, unknown>
    args?: (file: string) => string[]
    env?: NodeJS.ProcessEnv
    /** Of the notebook; a new one without it. */
    notebook?: string
  } = {},
): Promise<Spawned> {
  const folder = mkdtempSync(join(tmpdir(), 'jupyterpost-kernel-'))
  const file = join(folder, 'kernel.json')
  writeFileSync(file, JSON.stringify(connectionFile(options.connection)))
  const args = options.args?.(file) ?? [file]
  const env = {
    ...process.env,
    HOME: folder,
    XDG_STATE_HOME: join(folder, 'state'),
    // Tests of types switch them on; a language server for each kernel would slow down all others.
    JUPYTERPOST_TYPES: 'off',
    ...options.env,
  }
  const child = spawn(process.execPath, [...FLAGS, MAIN, ...args], {
    cwd: options.notebook ?? folder,
    env,
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  let stderr = ''
  child.stderr?.on('data', (chunk: Buffer) => (stderr += String(chunk)))
  const exited = new Promise<number | string>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown'))
  })
  const spawned = {
    child,
    file,
    stderr: () => stderr,
    exited,
    async close() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
      await exited
      // What it started may still write, for a moment.
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
  try {
    const connection = await Promise.race([
      portsOf(file),
      exited.then((code) => Promise.reject(new Error(`the kernel ended with ${code}: ${stderr}`))),
    ])
    return { ...spawned, connection }
  } catch (error) {
    await spawned.close()
    throw error
  }
}

/** The kernel writes its ports into the file: then it is bound. */
export function portsOf(file: string): Promise<ConnectionInfo> {
  return until(() => {
    const info = parseConnection(JSON.parse(readFileSync(file, 'utf8')))
    return !Object.values(info.ports).includes(0) && info
  }, `the kernel writes its ports into ${file}`)
}
