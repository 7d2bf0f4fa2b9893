// The kernel: channels, cells, posts and handlers put together, each after those that it needs.
import { Recorder } from './capture/recorder.ts'
import { compiler } from './cell/compiler.ts'
import { Cells } from './cells/cells.ts'
import { magicSyntax } from './cells/magics.ts'
import { Comms } from './cells/open-comms.ts'
import { CellTypes } from './cells/types.ts'
import { runtimeListener } from './cells/runtime-listener.ts'
import { textLimit } from './cells/text-allowance.ts'
import { openChannels } from './channels/channels.ts'
import type { Log } from './channels/log.ts'
import { parseInspection } from './cell/inspection.ts'
import type { Services } from './handlers/services.ts'
import type { History } from './history/history-store.ts'
import { languageService } from './language/service.ts'
import { RegisteredMagics, magicTable, typesSetting } from './magics/index.ts'
import { KernelPosts } from './posting/kernel-posts.ts'
import type { ConnectionInfo } from './protocol/connection.ts'
import { errorContent } from './protocol/error-content.ts'
import { Requests } from './requests.ts'
import type { Runtime } from './runtime/runtime.ts'
import { shutDown } from './shutdown.ts'
import type { Ending } from './shutdown.ts'

export interface KernelOptions {
  connection: ConnectionInfo
  /** Started already; the kernel listens to it and closes it. */
  runtime: Runtime
  history: History
  /** Tells where the relay is and who posts. */
  env: NodeJS.ProcessEnv
  /** The command that starts a local relay. */
  relayProgram: string
  /** The notebook's folder. */
  folder: string
  log: Log
}

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

/** Resolves when all sockets are bound and the status `starting` is sent. */
export async function startKernel(options: KernelOptions): Promise<Kernel> {
  const { runtime, history, env, relayProgram, folder, log } = options
  const channels = await openChannels(options.connection, log, (on) => runtime.hold(on))
  const { iopub, stdin, connection } = channels
  const cells = new Cells(textLimit(env, log))
  const interrupt = async (): Promise<void> => {
    cells.running?.interrupt.abort()
    await runtime.interrupt()
  }
  const news: string[] = []
  const posts = new KernelPosts({
    env,
    relayProgram,
    folder,
    variables: () => runtime.secretVariables(),
    onNews: (line) => news.push(line),
    stop(cellId) {
      if (cells.running?.id !== cellId) return
      interrupt().catch((error: unknown) => {
        log(`a cell could not be interrupted: ${errorContent(error).ename}`)
      })
    },
  })
  const types = typesSetting(env, log)
  const notebook = {
    folder,
    packagesChanged: (project: string) => language.packagesChanged(project),
  }
  const magics = magicTable(posts.magics, () => cells.surroundings, notebook, types)
  const language = languageService({
    runtime,
    magics: () => magicSyntax(magics),
    folder,
    env,
    isBusy: () => cells.running !== undefined && !parseInspection(cells.running.content.code),
    log,
  })
  const ending = Promise.withResolvers<Ending>()
  const services: Services = {
    connection,
    runtime,
    iopub,
    stdin,
    cells,
    comms: new Comms(),
    history,
    recorder: new Recorder(),
    language,
    types: new CellTypes({ setting: types, folder, env, runtime, language, iopub, log }),
    magics,
    registered: new RegisteredMagics(magics, (name, words) => runtime.completeMagic(name, words)),
    posts,
    news,
    log,
    interrupt,
    shutdown: () => ending.resolve('asked'),
  }
  runtime.listen(runtimeListener(services))
  const requests = new Requests(channels, services)

  iopub.status('starting')
  // From here on clients are answered. The first cell waits for the compiler, and fails if the
  // compiler cannot be loaded.
  compiler().catch(() => undefined)
  const readers = [requests.readShell(), requests.readControl(), stdin.read()]
  const parts = { runtime, channels, requests, readers, cells, posts, history, language }
  const closed = ending.promise.then((how) => shutDown(how, parts))
  return {
    connection,
    interrupt,
    close(how = 'asked') {
      ending.resolve(how)
      return closed
    },
    closed,
  }
}
