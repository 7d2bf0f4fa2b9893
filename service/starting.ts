// Starts a relay on a Hub even if its database cannot be used yet. It listens, says why in
// `/ready`, refuses posts, and tries again until the database works. An exit would take the Hub
// down with it.
import type { RequestListener } from 'node:http'
import type { Config } from './config.ts'
import { RelayError } from './errors.ts'
import type { Gate } from './hub/gate.ts'
import type { Log } from './log.ts'
import { plainRefusal } from './routes/original.ts'
import { hubPage } from './routes/page.ts'
import { problemHandler } from './routes/problem.ts'
import { statusRouter } from './routes/status.ts'
import { bindServer } from './server.ts'
import type { BoundServer } from './server.ts'
import { shell } from './shell.ts'

/** Time between two tries. */
const AGAIN_MS = 5000

export interface Starting {
  config: Config
  log: Log
  /** Lets an admin read what is wrong. */
  gate: Gate | undefined
  /** @throws {RelayError} `storage` */
  start: (
    bind: (handler: RequestListener) => Promise<BoundServer>,
  ) => Promise<{ close(): Promise<void> }>
  againMs?: number | undefined
}

/** Resolves when the relay listens. @throws {Error} `EADDRINUSE` and its like */
export async function startOnceStored(options: Starting): Promise<BoundServer> {
  const { config, log, start, againMs = AGAIN_MS } = options
  let handler: RequestListener = notYet
  const first: RequestListener = (request, response) => handler(request, response)
  const server = await bindServer(first, config.listen, config.certificates)
  let relay: { close(): Promise<void> } | undefined
  let said = ''
  let timer: NodeJS.Timeout | undefined
  let isClosing = false
  const attempt = async () => {
    try {
      relay = await start(async (app) => {
        handler = app
        return server
      })
      if (said !== '') log.warn('posts can be stored now')
    } catch (error) {
      if (!(error instanceof RelayError)) throw error
      // Each reason is logged once, however long it lasts.
      if (error.message !== said) log.error({ error: error.message }, 'nothing can be stored')
      said = error.message
      handler = brokenApp(options, said)
      if (!isClosing) timer = setTimeout(tryAgain, againMs)
    }
  }
  let trying = attempt()
  const tryAgain = () => {
    trying = attempt().catch((error: unknown) => {
      log.error({ error: Error.isError(error) ? error.name : 'unknown' }, 'the relay cannot start')
      if (!isClosing) timer = setTimeout(tryAgain, againMs)
    })
  }
  try {
    await trying
  } catch (error) {
    await server.close()
    throw error
  }
  return {
    port: server.port,
    async close() {
      isClosing = true
      clearTimeout(timer)
      await trying
      await (relay ?? server).close()
    },
  }
}

const notYet: RequestListener = (_request, response) => {
  response.writeHead(503).end()
}

function brokenApp({ config, log, gate }: Starting, detail: string): RequestListener {
  const app = shell(log)
  app.get(config.prefix, hubPage)
  const parts = async () => [{ name: 'storage', ready: false, detail }]
  if (gate) app.use(config.prefix, statusRouter({ gate, parts, metrics: undefined }))
  app.post(config.prefix, refuse, plainRefusal(undefined))
  app.use(refuse)
  app.use(problemHandler(log))
  return app
}

function refuse(): never {
  throw new RelayError('storage', 'The relay cannot store posts; its admin sees why in /ready')
}
