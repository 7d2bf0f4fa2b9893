// Puts a relay together from its configuration and runs it: stores, chat services, gate, app, worker. Knows no process: `main.ts` has
// signals and exit codes.
import { createApp, shell } from './app.ts'
import { readyChecks } from './checks.ts'
import type { ChatService } from './chat/chat.ts'
import { Inbox } from './chat/inbox.ts'
import { createChat } from './chat/index.ts'
import type { Config } from './config.ts'
import { GUARDS } from './convert/confinement.ts'
import { Converter } from './convert/converter.ts'
import { converting } from './convert/converting.ts'
import { RelayError } from './errors.ts'
import { HubGate } from './hub/hub-gate.ts'
import { LocalGate } from './hub/local-gate.ts'
import { bindKeptPort } from './kept-port.ts'
import { IdleEnd } from './local.ts'
import type { Log } from './log.ts'
import { Offload } from './offload/offload.ts'
import { Worker } from './outbox/worker.ts'
import { startPruning } from './pruning.ts'
import { Identities } from './policy/identity.ts'
import { MaskingPolicy } from './policy/masking.ts'
import { Quotas } from './policy/quota.ts'
import { Asking } from './replies/asking.ts'
import { Hints } from './replies/hints.ts'
import type { Lease } from './replies/lease-clock.ts'
import { Listener } from './replies/listener.ts'
import { Questions } from './replies/questions.ts'
import { Watches } from './replies/watches.ts'
import { codeLetter } from './render/code-letter.ts'
import type { Print } from './render/messages.ts'
import { hubPage } from './routes/page.ts'
import type { PageOptions } from './routes/page.ts'
import { problemHandler } from './routes/problem.ts'
import { ReadyChecks } from './routes/status.ts'
import { bindServer } from './server.ts'
import { openStores } from './stores.ts'
import type { Stores } from './stores.ts'

export interface RelayOptions {
  config: Config
  log: Log
  page: PageOptions | undefined
  now: () => number
  random: () => number
  /** A local relay that nobody needs any more asks to be closed. */
  onIdle: () => void
  /** Of watches over cells; the usual one if left out. */
  lease?: Lease | undefined
}

export interface Relay {
  /** With the port that was bound and the prefix. */
  url: string
  port: number
  /** In local mode. */
  gate: LocalGate | undefined
  close(): Promise<void>
}

/**
 * @throws {RelayError} `storage` in local mode, if the database cannot be used or another relay has it
 * @throws {Error} `EADDRINUSE` and its like
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { config } = options
  let stores: Stores
  try {
    stores = openStores(config, options.now, (line) => options.log.warn(line))
  } catch (error) {
    // On a Hub an exit takes the Hub down: better to listen and say what is wrong.
    if (config.mode === 'local' || !(error instanceof RelayError)) throw error
    return startBroken(options, error)
  }
  try {
    return await start(options, stores)
  } catch (error) {
    stores.close()
    throw error
  }
}

async function start(options: RelayOptions, stores: Stores): Promise<Relay> {
  const { config, log, now, random } = options
  const { outbox } = stores
  const gate = config.hub
    ? { kind: 'hub' as const, gate: new HubGate(config.hub, now) }
    : { kind: 'local' as const, gate: new LocalGate(config.person, stores.pageKeys, now) }
  if (gate.kind === 'local') await stores.pageKeys.ready()
  let url = ''
  const inbox = new Inbox({
    store: stores.inbox,
    replies: stores.replies,
    mode: config.mode,
    link: (id) => (config.mode === 'local' ? `${url}#${id}` : undefined),
  })
  const services = new Map<string, ChatService>()
  const conversions = new Converter({
    onConfined: (guard) => log.info({ guard }, `pictures are drawn ${GUARDS[guard]}`),
  })
  const offload = new Offload()
  const add = (service: ChatService) =>
    services.set(service.name, converting(service, { conversions, shown: stores.shown, now }))
  for (const chat of config.chats) {
    const note = (words: string) => log.warn({ chat: chat.name }, words)
    const print: Print = (post, form, signal) => offload.print(post, form, signal)
    add(createChat(chat, stores.links, { note, print }))
  }
  add(inbox)
  const listener = new Listener(services, log)
  const chats = { all: services, standard: config.standard, broken: config.brokenChats }
  const quotas = new Quotas(config.quota)
  const watches = new Watches({
    db: stores.db,
    outbox,
    services: chats,
    quotas,
    log,
    now,
    lease: options.lease,
  })
  const asked = { store: stores.questions, outbox, services }
  const questions = new Questions({ ...asked, listener, log, now })
  // An answer is an answer first; what is none may be a command; what is nothing gets a hint.
  listener.add(questions)
  listener.add(watches.hearer)
  listener.add(new Hints({ ...asked, questions, now }))
  const identities = new Identities({
    services: chats,
    links: stores.links,
    codes: stores.codes,
    letter: codeLetter,
    note: (words) => log.warn(words),
  })
  const worker = new Worker({ outbox, services, log, now, random })
  let idle: IdleEnd | undefined
  const app = createApp({
    prefix: config.prefix,
    gate,
    services: chats,
    inbox: { service: inbox, store: stores.inbox },
    shown: stores.shown,
    outbox,
    about: [
      (id) => questions.about(id),
      (id) => inbox.about(id),
      (id) => (watches.isWatched(id) ? { watched: true } : {}),
    ],
    asking: new Asking({ store: stores.questions, services, listener, now }),
    questions,
    watches,
    identities,
    quotas,
    masking: new MaskingPolicy(config.unmasked, offload),
    offload,
    limits: config.limits,
    checks: new ReadyChecks(
      readyChecks({
        config,
        db: stores.db,
        services,
        hub: gate.kind === 'hub' ? gate.gate : undefined,
      }),
      now,
    ),
    page: options.page,
    log,
    active: () => idle?.active(),
  })
  // A port that a person names is theirs to choose anew.
  const isKept = gate.kind === 'local' && config.listen.port === 0
  const server = isKept
    ? await bindKeptPort(app.express, stores.pageKeys)
    : await bindServer(app.express, config.listen)
  const { port } = server
  url = address(config, port)
  if (gate.kind === 'local') gate.gate.page.listensAt(port)
  if (config.idleMs !== undefined) {
    const isWaiting = () => outbox.counts().waiting > 0 || questions.size > 0 || watches.isNeeded
    const busy = () => app.events.size > 0 || isWaiting()
    idle = new IdleEnd(config.idleMs, busy, options.onIdle, now)
  }
  await watches.start()
  worker.wake()
  listener.start()
  questions.start()
  // On a Hub an admin reads it; a relay that was started for a post first delivers that.
  if (config.mode === 'hub') void conversions.confinement()
  const pruning = startPruning({ stores, kept: config.inbox, log, now })
  return {
    url,
    port,
    gate: gate.kind === 'local' ? gate.gate : undefined,
    async close() {
      idle?.stop()
      await pruning.stop()
      app.events.close()
      app.polls.close()
      await server.close()
      await identities.close()
      await questions.stop()
      await listener.stop()
      await watches.stop()
      await worker.stop()
      await conversions.close()
      await offload.close()
      await Promise.allSettled([...services.values()].map((service) => service.close()))
      stores.close()
    },
  }
}

/** Listens, says in `/ready` why nothing can be stored, and refuses posts. */
async function startBroken(options: RelayOptions, error: RelayError): Promise<Relay> {
  const { config, log } = options
  log.error({ error: error.message }, 'nothing can be stored')
  const app = shell(log)
  const part = { name: 'storage', ready: false, detail: error.message }
  app.get(config.prefix, hubPage)
  app.get(`${config.prefix}health`, (_request, response) => {
    response.json({ status: 'ok' })
  })
  app.get(`${config.prefix}ready`, (_request, response) => {
    response.status(503).json({ ready: false, parts: [part] })
  })
  app.use(() => {
    throw new RelayError('storage', 'The relay cannot store posts; its admin sees why in /ready')
  })
  app.use(problemHandler(log))
  const server = await bindServer(app, config.listen)
  return {
    url: address(config, server.port),
    port: server.port,
    gate: undefined,
    close: () => server.close(),
  }
}

function address({ listen: { host }, prefix }: Config, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}${prefix}`
}
