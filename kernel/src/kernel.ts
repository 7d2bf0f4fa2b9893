// The kernel: channels, runtime and handlers wired together, and the order in which requests are served. Cells run one after the
// other; every other request of shell is served at once, also while a cell runs; control is served one request at a time.
import { durationWords } from '../../post/contract/duration.ts'
import { openChannels } from './channels/channels.ts'
import type { Log } from './channels/log.ts'
import type { RouterChannel } from './channels/router.ts'
import { Stdin } from './channels/stdin.ts'
import { Recorder } from './capture/recorder.ts'
import { compiler } from './cell/compiler.ts'
import { dispatch, unknownType } from './dispatch.ts'
import type { Request } from './handlers/handler.ts'
import { ExecuteQueue } from './execute-queue.ts'
import { answerCall } from './handlers/calls.ts'
import { Cells } from './handlers/cells.ts'
import type { Cell } from './handlers/cells.ts'
import { Comms } from './handlers/open-comms.ts'
import { aborted } from './handlers/execute.ts'
import { errorContent } from './handlers/handler.ts'
import { handlersOf } from './handlers/index.ts'
import { showNotice, showOutput } from './handlers/outputs.ts'
import type { Services } from './handlers/services.ts'
import { textLimit } from './handlers/text-allowance.ts'
import type { History } from './history/history-store.ts'
import { createReflection } from './language/reflection.ts'
import { magicTable } from './magics/index.ts'
import { KernelPosts } from './posting/kernel-posts.ts'
import { postingMagics } from './posting/magics.ts'
import type { ConnectionInfo } from './protocol/connection.ts'
import type { Runtime, RuntimeListener } from './runtime/runtime.ts'

export interface KernelOptions {
  connection: ConnectionInfo
  startRuntime(listener: RuntimeListener): Runtime
  history: History
  /** Says where the relay is and who posts. */
  env: NodeJS.ProcessEnv
  /** The notebook's. */
  folder: string
  log: Log
}

/** By a person or a program that asked for it, or with the server: then the posts of the running cell say so. */
export type Ending = 'asked' | 'stopped'

export interface Kernel {
  /** With the ports that were bound. */
  connection: ConnectionInfo
  /** Ends the running cell, if any. */
  interrupt(): Promise<void>
  /** Ends cell, runtime and sockets; the second call joins the first. */
  close(ending?: Ending): Promise<void>
  /** Resolves when the kernel was closed, by `close` or by a shutdown_request. */
  closed: Promise<void>
}

const AT_ONCE: ReadonlySet<string> = new Set(['shutdown_request', 'interrupt_request'])

/** ms for the last replies at shutdown; the server sends SIGTERM at 2500. */
const LAST_REPLIES = 1500

/** Resolves when all sockets are bound and `starting` is out. */
export async function startKernel(options: KernelOptions): Promise<Kernel> {
  const { log, history } = options
  // There is no runtime yet, nor a client.
  let hold: ((on: boolean) => void) | undefined
  const channels = await openChannels(options.connection, log, (on) => hold?.(on))
  const { shell, control, iopub, session, connection } = channels
  const closing = Promise.withResolvers<Ending>()
  const runtime = options.startRuntime({
    output: (output) => showOutput(output, services),
    call: (call) => answerCall(call, services),
    lost(reason, message) {
      log(`the runtime died outside a cell: ${message}`)
      posts.runtimeLost(reason, services.recorder.previous)
      const { running } = services.cells
      // It died while the cell was compiled.
      if (running && !running.content.silent) showNotice(services, running.request, message)
      else news.push(message)
    },
  })
  hold = (on) => runtime.hold(on)
  const news: string[] = []
  const posts = new KernelPosts({
    env: options.env,
    folder: options.folder,
    variables: () => runtime.secretVariables(),
    onNews: (line) => news.push(line),
    stop(cellId) {
      if (services.cells.running?.id === cellId) services.interrupt().catch(unserved)
    },
  })
  const services: Services = {
    connection,
    runtime,
    iopub,
    stdin: new Stdin(channels.stdin, session, log),
    cells: new Cells(textLimit(options.env, log)),
    comms: new Comms(),
    history,
    recorder: new Recorder(),
    language: createReflection(runtime),
    magics: magicTable(postingMagics(posts.services)),
    posts,
    autopost: posts.services.autopost,
    news,
    log,
    async interrupt() {
      services.cells.running?.interrupt.abort()
      await runtime.interrupt()
    },
    shutdown: () => closing.resolve('asked'),
  }
  const handlers = handlersOf(services)
  const dispatchPorts = { iopub, session, log }
  // Whoever serves requests one after the other goes on with the next, whatever became of this one.
  const unserved = (error: unknown): void => {
    log(`a request could not be served to its end: ${errorContent(error).ename}`)
  }
  const queue = new ExecuteQueue({
    serve: (request, handler) => dispatch(request, handler, dispatchPorts).catch(unserved),
    execute: handlers.get('execute_request') ?? unknownType,
    aborted,
  })
  const inFlight = new Set<Promise<void>>()
  const serveOne = async (request: Request): Promise<void> => {
    const handler = handlers.get(request.message.header.msg_type) ?? unknownType
    await dispatch(request, handler, dispatchPorts)
    // That idle was not the kernel's: say so, or servers take it for idle and cull it while it computes.
    if (request.channel === shell && queue.running) iopub.status('busy', queue.running.message)
  }
  const serve = (request: Request): Promise<void> => {
    const served = serveOne(request)
      .catch(unserved)
      .finally(() => inFlight.delete(served))
    inFlight.add(served)
    return served
  }

  iopub.status('starting')
  // From here on clients are answered; who asks for the compiler waits for it, and hears if it cannot be loaded.
  compiler().catch(() => undefined)
  const readers = [
    readShell(shell, queue, serve),
    readControl(control, serve),
    services.stdin.read(),
  ]
  const close = async (): Promise<void> => {
    const ending = await closing.promise
    const { running } = services.cells
    posts.ending(ending === 'stopped')
    // What ends with the server still says so in its chat; what a person ends is interrupted as a whole.
    if (ending === 'asked') running?.interrupt.abort()
    const ended = queue.close()
    await runtime.close(ending === 'stopped' && running ? stoppedDuring(running) : undefined)
    // The cell's last words and the replies on their way, the one to the shutdown itself among them.
    const last = ended.then(() => posts.finish())
    await Promise.race([Promise.all([last, ...inFlight]), delay(LAST_REPLIES)])
    await channels.close()
    await Promise.all(readers)
    posts.close()
    history.close()
  }
  const closed = close()
  return {
    connection,
    interrupt: () => services.interrupt(),
    close(ending = 'asked') {
      closing.resolve(ending)
      return closed
    },
    closed,
  }
}

function stoppedDuring({ executionCount, outputs }: Cell): string {
  const duration = durationWords(Math.max(0, Date.now() - outputs.startedAt) / 1000)
  return `The server stopped during cell ${executionCount} after ${duration}.`
}

async function readShell(
  channel: RouterChannel,
  queue: ExecuteQueue,
  serve: (request: Request) => Promise<void>,
): Promise<void> {
  for await (const message of channel.messages()) {
    const request = { message, channel }
    if (message.header.msg_type === 'execute_request') queue.add(request)
    else void serve(request)
  }
}

/** One at a time, except what ends work: nothing that hangs may keep a kernel alive, or an interrupt from it. `serve` never rejects. */
async function readControl(
  channel: RouterChannel,
  serve: (request: Request) => Promise<void>,
): Promise<void> {
  let last = Promise.resolve()
  for await (const message of channel.messages()) {
    const request = { message, channel }
    if (AT_ONCE.has(message.header.msg_type)) void serve(request)
    else last = last.then(() => serve(request))
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
