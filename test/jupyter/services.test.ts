// JupyterLab's own client against a real Jupyter server that starts the installed kernel.
import { KernelAPI, KernelConnection } from '@jupyterlab/services'
import type { Kernel, KernelMessage, ServerConnection } from '@jupyterlab/services'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { serverSettings } from '../../start/notebook.ts'
import { testHome } from '../helpers/clone.ts'
import type { TestHome } from '../helpers/clone.ts'

const LIMIT = 60_000
let home: TestHome
let settings: ServerConnection.ISettings
let kernel: Kernel.IKernelConnection

beforeAll(async () => {
  // The client logs each socket that it opens and loses; a restart loses one.
  for (const level of ['debug', 'warn'] as const)
    jest.spyOn(console, level).mockImplementation(() => undefined)
  home = await testHome()
  const server = await home.jupyter('server')
  settings = serverSettings(server)
  // Not by a KernelManager: its polls, and thus this process, go on for 10 s after it was disposed.
  const model = await KernelAPI.startNew({ name: 'jupyterpost' }, settings)
  kernel = new KernelConnection({ model, serverSettings: settings })
}, 2 * LIMIT)

afterAll(async () => {
  kernel.dispose()
  await home[Symbol.asyncDispose]()
}, LIMIT)

/** Runs a cell. @returns Its reply and what it showed, streams joined. */
async function execute(code: string) {
  const shown: KernelMessage.IIOPubMessage[] = []
  const future = kernel.requestExecute({ code, stop_on_error: true })
  future.onIOPub = (message) => void shown.push(message)
  const { content } = await future.done
  const text = (name: string) =>
    shown
      .flatMap(({ content: output }) =>
        'name' in output && output.name === name && 'text' in output ? output.text : [],
      )
      .join('')
  const result = shown.find(({ header }) => header.msg_type === 'execute_result')?.content
  return {
    content,
    stdout: text('stdout'),
    data: result !== undefined && 'data' in result ? result.data : {},
  }
}

test(
  'the kernel says who it is',
  async () => {
    const info = await kernel.info
    expect(info).toMatchObject({
      implementation: 'jupyterpost',
      language_info: { name: 'typescript', file_extension: '.ts' },
    })
  },
  LIMIT,
)

test(
  'a cell shows its stream and its result, and the reply is ok',
  async () => {
    const { content, stdout, data } = await execute(
      'console.log("hello")\nconst a: number = 20\na + 1',
    )
    expect(content).toMatchObject({ status: 'ok', execution_count: 1 })
    expect(stdout).toBe('hello\n')
    expect(data).toMatchObject({ 'text/plain': '21' })
  },
  LIMIT,
)

test(
  'an error is the reply of its cell, and the next cell runs',
  async () => {
    expect((await execute('throw new RangeError("too far")')).content).toMatchObject({
      status: 'error',
      ename: 'RangeError',
      evalue: 'too far',
    })
    expect((await execute('a + 2')).data).toMatchObject({ 'text/plain': '22' })
  },
  LIMIT,
)

test(
  'a loop is interrupted and the variables stay',
  async () => {
    const future = kernel.requestExecute({ code: 'console.log("looping")\nfor (;;) {}' })
    await new Promise<void>((resolve) => {
      future.onIOPub = ({ header }) => {
        if (header.msg_type === 'stream') resolve()
      }
    })
    await kernel.interrupt()
    expect((await future.done).content.status).toBe('error')
    expect((await execute('a')).data).toMatchObject({ 'text/plain': '20' })
  },
  LIMIT,
)

test(
  'completion answers with the names of the notebook',
  async () => {
    const { content } = await kernel.requestComplete({ code: 'consol', cursor_pos: 6 })
    expect(content).toMatchObject({ status: 'ok', cursor_start: 0, cursor_end: 6 })
    expect('matches' in content && content.matches).toContain('console')
  },
  LIMIT,
)

test(
  'a restarted kernel is new: numbers start at 1, variables are gone',
  async () => {
    await kernel.restart()
    await kernel.info
    const { content, data } = await execute('typeof a')
    expect(content).toMatchObject({ status: 'ok', execution_count: 1 })
    expect(data).toMatchObject({ 'text/plain': expect.stringContaining('undefined') })
  },
  LIMIT,
)

test(
  'a shut down kernel is gone from the server',
  async () => {
    await kernel.shutdown()
    expect(await KernelAPI.listRunning(settings)).toEqual([])
  },
  LIMIT,
)
