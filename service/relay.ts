// Builds a relay from its configuration and runs it: stores, chat services, gate, app and worker.
// Signals and exit codes are left to `main.ts`.
import type { RequestListener } from 'node:http'

import { createApp } from './app.ts'
import { readyChecks } from './checks.ts'
import { Inbox } from './chat/inbox.ts'
import { chatServices } from './chats.ts'
import { closingTime } from './closing.ts'
import type { Config } from './config.ts'
import { GUARDS } from './convert/confinement.ts'
import { Converter } from './convert/converter.ts'
import { gateWithoutStores, governing } from './governing.ts'
import type { LocalGate } from './hub/local-gate.ts'
import { bindKeptPort } from './kept-port.ts'
import { IdleEnd } from './local.ts'
import type { Log } from './log.ts'
import { Offload } from './offload/offload.ts'
import { measuredConversions } from './operations/measured.ts'
import { watching } from './operations/watching.ts'
import { Worker } from './outbox/worker.ts'
import { Pruning } from './pruning.ts'
import { Identities } from './policy/identity.ts'
import { MaskingPolicy } from './policy/masking.ts'
import { Quotas } from './policy/quota.ts'
import type { Reloading } from './reloading.ts'
import { Asking } from './replies/asking.ts'
import { Hints } from './replies/hints.ts'
import type { LeaseTimes } from './replies/lease-clock.ts'
import { Listener } from './replies/listener.ts'
import { Questions } from './replies/questions.ts'
import { Watches } from './replies/watches.ts'
import { codeLetter } from './render/code-letter.ts'
import type { PageOptions } from './routes/page.ts'
import { ReadyChecks } from './routes/status.ts'
import { bindServer } from './server.ts'
import type { BoundServer } from './server.ts'
import { startOnceStored } from './starting.ts'
import { openStores } from './stores.ts'
import type { Stores } from './stores.ts'

export interface RelayOptions {
  config: Config
  log: Log
  page: PageOptions | undefined
  /** Milliseconds since 1970, for times that are stored and shown. */
  now: () => number
  /** Whole milliseconds that never go back, for ages within this process; `now` if left out. */
  monotonic?: (() => number) | undefined
  random: () => number
  /** Time between two tries to open the database on a Hub; 5 s if left out. */
  storageAgainMs?: number | undefined
  /** Called when nobody needs a local relay any more: it should be closed. */
  onIdle: () => void
  /** Gets what the relay reads anew at a SIGHUP. */
  reloading?: Reloading | undefined
  /** For the leases of watches; the usual times if left out. */
  leaseTimes?: LeaseTimes | undefined
}

export interface Relay {
  /** With the real port, and the prefix. */
  url: string
  port: number
  /** In local mode only. */
  gate: LocalGate | undefined
  close(): Promise<void>
}

/**
 * @throws {RelayError} `storage` in local mode, if the database cannot be used or is in use
 * @throws {Error} `EADDRINUSE` and its like
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { config, log } = options
  if (config.mode === 'local')
    return startWith(options, (app) => bindServer(app, config.listen), LOCAL_WAIT_MS)
  const { monotonic = options.now } = options
  const server = await startOnceStored({
    config,
    log,
    gate: gateWithoutStores(config, monotonic),
    start: (bind) => startWith(options, bind, 0),
    againMs: options.storageAgainMs,
  })
  const { port } = server
  return { url: address(config, port), port, gate: undefined, close: () => server.close() }
}

/** Waiting blocks the process, but nobody waits for an answer of a local relay yet. */
const LOCAL_WAIT_MS = 5000

type Bind = (app: RequestListener) => Promise<BoundServer>

async function startWith(options: RelayOptions, bind: Bind, waitMs: number): Promise<Relay> {
  const { config, log, now, monotonic = now } = options
  const note = (line: string): void => log.warn(line)
  const stores = openStores(config, { now, monotonic, waitMs, note })
  try {
    return await start(options, stores, bind)
  } catch (error) {
    stores.close()
    throw error
  }
}

async function start(options: RelayOptions, stores: Stores, bind: Bind): Promise<Relay> {
  const { config, log, now, random, monotonic = now } = options
  const { outbox } = stores
  const { metrics, refusals, checked } = watching({
    db: stores.db,
    outbox,
    log,
    streams: () => app.events.size,
  })
  const { gate, people, policy, today } = governing(config, { ...stores, now, monotonic, checked })
  options.reloading?.add('policy', () => policy.reload())
  if (gate.kind === 'local') await stores.pageKeys.ready()
  let url = ''
  const pruning = new Pruning({
    stores,
    kept: { ...config.kept, audit: config.audit },
    log,
    now,
  })
  const inbox = new Inbox({
    store: stores.inbox,
    replies: stores.replies,
    mode: config.mode,
    added: (person) => pruning.added(person),
    link: (id) => (config.mode === 'local' ? `${url}#${id}` : undefined),
    holderOf: people && ((hubName) => people.nameOf(hubName)),
  })
  const converter = new Converter({
    onConfined: (guard) => log.info({ guard }, `pictures are drawn ${GUARDS[guard]}`),
  })
  const conversions = measuredConversions(converter, { metrics, monotonic })
  const offload = new Offload()
  const services = chatServices({
    ...options,
    stores,
    inbox,
    conversions,
    offload,
    policy,
    today,
    metrics,
    monotonic,
  })
  const listener = new Listener(services, log)
  const chats = { all: services, standard: config.standard, broken: config.brokenChats }
  const quotas = new Quotas(config.quota, monotonic, (...of) => policy.directPerDay(...of))
  const watches = new Watches({
    db: stores.db,
    outbox,
    services: chats,
    quotas,
    log,
    now,
    leaseTimes: options.leaseTimes,
  })
  const asked = { store: stores.questions, outbox, services }
  const questions = new Questions({ ...asked, listener, log, now })
  // In this order: a reply may answer a question, else it may be a command, else it gets a hint.
  listener.add(questions)
  listener.add(watches.hearer)
  listener.add(new Hints({ ...asked, questions, now }))
  const identities = new Identities({
    services: chats,
    links: stores.links,
    codes: stores.codes,
    people,
    letter: codeLetter,
    note: (words) => log.warn(words),
  })
  const worker = new Worker({
    outbox,
    services,
    log,
    now,
    monotonic,
    random,
    tryMs: config.queue.tryMs,
    slots: new Map(config.chats.flatMap(({ name, slots }) => (slots ? [[name, slots]] : []))),
  })
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
    masking: new MaskingPolicy(policy, offload, config.limits),
    offload,
    limits: config.limits,
    files: stores.files,
    mostWaiting: config.queue.posts,
    checks: new ReadyChecks(
      readyChecks({
        config,
        db: stores.db,
        services,
        policy,
        hub: gate.kind === 'hub' ? gate.gate : undefined,
      }),
      monotonic,
    ),
    metrics,
    refused: (refusal) => refusals.tell(refusal),
    page: options.page,
    log,
    active: () => idle?.active(),
  })
  // If the person named a port, it is not replaced when it is taken.
  const isKept = gate.kind === 'local' && config.listen.port === 0
  const server = isKept ? await bindKeptPort(app.express, stores.pageKeys) : await bind(app.express)
  const { port } = server
  url = address(config, port)
  if (gate.kind === 'local') gate.gate.page.listensAt(port)
  if (config.idleMs !== undefined) {
    const isWaiting = () => outbox.counts().waiting > 0 || questions.size > 0 || watches.isNeeded
    const busy = () => app.events.size > 0 || isWaiting()
    idle = new IdleEnd(config.idleMs, busy, options.onIdle, monotonic)
  }
  await watches.start()
  worker.wake()
  listener.start()
  questions.start()
  // Logs how picture processes are confined, for the admin of a Hub. Trying it out takes time, and
  // a local relay that was started for a post delivers that first.
  if (config.mode === 'hub') void converter.confinement()
  pruning.start()
  return {
    url,
    port,
    gate: gate.kind === 'local' ? gate.gate : undefined,
    async close() {
      idle?.stop()
      await pruning.stop()
      app.events.close()
      app.polls.close()
      // Deliveries go on while the server waits for the last requests, so both have one deadline.
      const deadline = closingTime()
      await server.close(deadline)
      await identities.close()
      await questions.stop()
      await listener.stop()
      await watches.stop()
      await refusals.stop()
      await worker.stop(deadline)
      await converter.close()
      await offload.close()
      await Promise.allSettled([...services.values()].map((service) => service.close()))
      stores.close()
    },
  }
}

function address({ listen: { host }, prefix, certificates }: Config, port: number): string {
  return `${certificates ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}${prefix}`
}
