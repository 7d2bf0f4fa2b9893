// The program: arguments, exit codes, signals, how it ends, and that it leaves nothing behind.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, expect, test } from '@jest/globals'
import { until } from '../../test/helpers/until.ts'
import { isObject } from '../src/protocol/json.ts'
import { Client } from './helpers/client.ts'
import type { Answer } from './helpers/client.ts'
import { MAIN, connectionFile, portsOf, spawnKernel } from './helpers/kernel.ts'
import { closeAll, gone, open, pidOfRuntime, start } from './helpers/started.ts'

const folder = mkdtempSync(join(tmpdir(), 'jupyterpost-main-'))
afterEach(closeAll)
afterAll(() => rmSync(folder, { recursive: true }))

const shown = ({ iopub }: Answer, type: string): unknown[] =>
  iopub
    .filter(({ header }) => header.msg_type === type)
    .map(({ content }) => isObject(content['data']) && content['data']['text/plain'])
const noticesOf = (answer: Answer) => shown(answer, 'display_data')
const resultOf = (answer: Answer) => shown(answer, 'execute_result')[0]

test.each<[string, (file: string) => string[]]>([
  ['FILE', (file) => [file]],
  ['--connection-file FILE', (file) => ['--connection-file', file]],
  ['--connection-file=FILE', (file) => [`--connection-file=${file}`]],
  ['-f FILE', (file) => ['-f', file]],
  // From `jupyter run OTHER`.
  ['FILE OTHER', (file) => [file, 'other.ts']],
])('started with %s it answers', async (_name, args) => {
  const { client } = await start({ args })
  expect((await client.ask('kernel_info_request')).reply.content['status']).toBe('ok')
})

test('chosen ports are in the file, which only its owner may read', async () => {
  const { file, connection } = await start()
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(Object.values(connection.ports).every((port) => port > 0)).toBe(true)
})

function run(args: string[]): { status: number | null; lines: string[] } {
  const { status, stderr } = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' })
  return { status, lines: stderr.trim().split('\n') }
}

test('started in a folder that is gone it says so in one line, exit 1', () => {
  const vanished = mkdtempSync(join(folder, 'vanished-'))
  const file = join(folder, 'vanished.json')
  writeFileSync(file, JSON.stringify(connectionFile()))
  const { status, stderr } = spawnSync(
    '/bin/sh',
    ['-c', 'rmdir "$PWD" && exec "$0" "$@"', process.execPath, MAIN, file],
    { cwd: vanished, encoding: 'utf8' },
  )
  expect(status).toBe(1)
  expect(stderr).toMatch(/^jupyterpost kernel: the folder .* no longer exists: .*\n$/)
})

test.each<[string, string[]]>([
  ['nothing', []],
  ['an option it does not have', ['--nope', 'a']],
])('with %s it says how to start it, exit 2', (_name, args) => {
  const { status, lines } = run(args)
  expect(status).toBe(2)
  expect(lines).toEqual([expect.stringContaining('usage: ')])
})

test.each<[string, string, string]>([
  ['no file', '', 'cannot read the connection file'],
  ['no JSON', '{', 'is not JSON'],
  ['a bad port', JSON.stringify(connectionFile({ hb_port: 'x' })), 'hb_port must be an integer'],
  [
    'an unknown scheme',
    JSON.stringify(connectionFile({ signature_scheme: 'x' })),
    'signature_scheme',
  ],
  [
    'an address that is not ours',
    JSON.stringify(connectionFile({ ip: '203.0.113.1' })),
    'cannot bind shell_port at tcp://203.0.113.1',
  ],
])('%s: one line that says what is wrong, exit 1', (name, text, expected) => {
  const file = join(folder, `${name}.json`)
  if (text !== '') writeFileSync(file, text)
  const { status, lines } = run([file])
  expect(status).toBe(1)
  expect(lines).toEqual([expect.stringContaining(expected)])
})

test('a port in use: one line that names it, exit 1', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  open.push(server)
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const file = join(folder, 'in-use.json')
  writeFileSync(file, JSON.stringify(connectionFile({ iopub_port: port })))
  const { status, lines } = run([file])
  expect(status).toBe(1)
  expect(lines).toEqual([
    expect.stringContaining(`cannot bind iopub_port at tcp://127.0.0.1:${port}: `),
  ])
})

test.each(['shell', 'control'] as const)(
  'shutdown_request on %s: reply, exit 0, no process left',
  async (channel) => {
    const { client, exited } = await start()
    const runtime = await pidOfRuntime(client)
    const { reply } = await client.ask('shutdown_request', { restart: false }, channel)
    expect(reply.content).toEqual({ status: 'ok', restart: false })
    expect(await exited).toBe(0)
    await gone(runtime)
  },
)

test('SIGINT hurts nothing while idle, and interrupts a running cell', async () => {
  const { client, child } = await start()
  await client.execute('let kept = 4242')
  child.kill('SIGINT')
  await client.ask('kernel_info_request')
  const cell = await client.send('execute_request', { code: 'await new Promise(() => {})' })
  await client.until((m) => m.header.msg_type === 'execute_input' && m.parent['msg_id'] === cell)
  child.kill('SIGINT')
  expect((await client.answer(cell)).reply.content).toMatchObject({
    status: 'error',
    ename: 'KeyboardInterrupt',
  })
  const { reply } = await client.execute('if (kept !== 4242) throw new Error("lost")')
  expect(reply.content['status']).toBe('ok')
})

test('SIGTERM: exit 0 at once, no process left', async () => {
  const { client, child, exited } = await start()
  const runtime = await pidOfRuntime(client)
  child.kill('SIGTERM')
  expect(await exited).toBe(0)
  await gone(runtime)
})

test('a runtime that ends between cells: the next cell says so, once', async () => {
  const kernel = await start()
  const { client } = kernel
  const code = 'const mine = process.pid; setTimeout(() => process.exit(4), 1); mine'
  const pid = resultOf(await client.execute(code))
  await until(() => kernel.stderr() !== '', 'the kernel logs the end of its runtime')
  const next = await client.execute('typeof mine')
  expect(noticesOf(next)).toEqual([
    'process.exit(4) was called. All variables are lost; a fresh runtime is ready.',
  ])
  expect(resultOf(next)).toBe("'undefined'")
  const last = await client.execute('process.pid')
  expect(noticesOf(last)).toEqual([])
  expect(resultOf(last)).not.toBe(pid)
})

test('a runtime that cannot start: each cell says so at once, all else is served, the log stays short', async () => {
  // A history that is opened late would make the folder again.
  const kernel = await start({ env: { JUPYTERPOST_HISTORY: 'none' } })
  const { client, file } = kernel
  await client.execute('1')
  // No process can be started in a folder that is gone.
  rmSync(dirname(file), { recursive: true })
  const exited = await client.execute('process.exit(3)')
  expect(exited.reply.content).toMatchObject({
    ename: 'RuntimeLostError',
    evalue:
      'process.exit(3) was called. The process that runs the cells could not be started; each cell tries again.',
  })
  for (let i = 0; i < 5; i++) {
    const { reply } = await client.execute('1')
    expect(reply.content).toMatchObject({ status: 'error', ename: 'RuntimeLostError' })
    expect(reply.content['evalue']).toMatch(
      /folder .* is gone.*could not be started; each cell tries again/s,
    )
    expect((await client.ask('kernel_info_request')).reply.content['status']).toBe('ok')
  }
  expect(kernel.stderr().split('\n').length).toBeLessThan(12)
  await client.ask('shutdown_request', {}, 'control')
  expect(await kernel.exited).toBe(0)
})

test.each(['', 'none', '-1', '1', '0'])(
  'JPY_PARENT_PID %j names no launcher: the kernel lives',
  async (pid) => {
    const { client } = await start({ env: { JPY_PARENT_PID: pid } })
    expect((await client.ask('kernel_info_request')).reply.content['status']).toBe('ok')
  },
)

test('when the process that started it dies and JPY_PARENT_PID is its pid, the kernel ends', async () => {
  const file = join(folder, 'adopted.json')
  writeFileSync(file, JSON.stringify(connectionFile()))
  const shell = spawn(
    'sh',
    ['-c', 'JPY_PARENT_PID=$$ "$@" & echo $!; wait', 'sh', process.execPath, MAIN, file],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, HOME: folder, XDG_STATE_HOME: folder },
    },
  )
  const chunks: AsyncIterator<unknown> = shell.stdout[Symbol.asyncIterator]()
  const pid = Number((await chunks.next()).value)
  const info = await portsOf(file)
  const client = await new Client(info).connect()
  open.push(client)
  expect((await client.execute('1')).reply.content['status']).toBe('ok')
  shell.kill('SIGKILL')
  await gone(pid)
})

test('SIGKILL leaves no process behind', async () => {
  const { client, child, exited } = await start()
  const runtime = await pidOfRuntime(client)
  child.kill('SIGKILL')
  await exited
  await gone(runtime)
})

test('when its launcher dies, the kernel ends', async () => {
  const launcher = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    stdio: 'ignore',
  })
  const { exited } = await start({ env: { JPY_PARENT_PID: String(launcher.pid) } })
  launcher.kill('SIGKILL')
  expect(await exited).toBe(0)
})

test('over ipc, with chosen sockets', async () => {
  const { client, connection } = await start({
    connection: { transport: 'ipc', ip: join(folder, 'k') },
  })
  expect(new Set(Object.values(connection.ports)).size).toBe(5)
  expect((await client.execute('1')).reply.content['status']).toBe('ok')
})

test('with CURVE keys it speaks to clients that have its public key, and to no others', async () => {
  const { curveKeyPair } = await import('zeromq')
  const { publicKey, secretKey } = curveKeyPair()
  const kernel = await spawnKernel({
    connection: { curve_publickey: publicKey, curve_secretkey: secretKey },
  })
  open.push(kernel)
  const client = new Client(kernel.connection)
  open.push(client)
  await client.connect()
  expect((await client.execute('1')).reply.content['status']).toBe('ok')
  const { curve: _curve, ...plain } = kernel.connection
  const stranger = new Client(plain)
  open.push(stranger)
  void stranger.connect().catch(() => undefined)
  await stranger.send('kernel_info_request')
  await client.execute('2')
  expect(stranger.received).toEqual([])
})

test('the server may close our stderr: a log line is no reason to die', async () => {
  const { client, child } = await start()
  child.stderr?.destroy()
  await client.sendFrames('shell', [Buffer.from('junk')])
  expect((await client.execute('1')).reply.content['status']).toBe('ok')
  expect(readFileSync(`/proc/${child.pid}/stat`, 'utf8')).not.toBe('')
})
