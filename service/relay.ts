// Puts a relay together from its configuration and runs it: storage, chat services, gate, app, worker. Knows no process: `main.ts` has
// signals and exit codes.
import { closeSync, existsSync, mkdirSync, openSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'

import { messageOf } from '../post/error.ts'
import { tryLock } from '../post/lock.ts'
import { createApp, shell } from './app.ts'
import { Blobs } from './storage/blobs.ts'
import type { ChatService } from './chat/chat.ts'
import { InboxReplies } from './chat/inbox-replies.ts'
import { InboxStore } from './chat/inbox-store.ts'
import { Inbox } from './chat/inbox.ts'
import { LinkCodes } from './chat/codes.ts'
import { createChat } from './chat/index.ts'
import { StoredLinks } from './chat/links.ts'
import type { Config } from './config.ts'
import { Converter } from './convert/converter.ts'
import { converting } from './convert/converting.ts'
import { ShownStore } from './convert/shown-store.ts'
import { Database, storageError } from './storage/database.ts'
import { RelayError } from './errors.ts'
import { HubGate } from './hub/hub-gate.ts'
import { LocalGate } from './hub/local-gate.ts'
import { IdleEnd } from './local.ts'
import type { Log } from './log.ts'
import { SqliteOutbox } from './outbox/store.ts'
import { Worker } from './outbox/worker.ts'
import { Identities } from './policy/identity.ts'
import { MaskingPolicy } from './policy/masking.ts'
import { Quotas } from './policy/quota.ts'
import { Asking } from './replies/asking.ts'
import { Hints } from './replies/hints.ts'
import type { Lease } from './replies/lease-clock.ts'
import { Listener } from './replies/listener.ts'
import { QuestionStore } from './replies/question-store.ts'
import { Questions } from './replies/questions.ts'
import { Watches } from './replies/watches.ts'
import { codeLetter } from './render/code-letter.ts'
import { hubPage } from './routes/page.ts'
import type { PageOptions } from './routes/page.ts'
import { problemHandler } from './routes/problem.ts'
import { ReadyChecks } from './routes/status.ts'
import type { Check } from './routes/status.ts'
import { bindServer } from './server.ts'

/** Finished posts, their events and idempotency keys are kept this long (post-spec: keys 30 days). */
const KEEP_MS = 30 * 24 * 60 * 60_000
const PRUNE_EVERY_MS = 60 * 60_000

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
  let storage: Storage
  try {
    storage = openStorage(config, options.now)
  } catch (error) {
    // On a Hub an exit takes the Hub down: better to listen and say what is wrong.
    if (config.mode === 'local' || !(error instanceof RelayError)) throw error
    return startBroken(options, error)
  }
  try {
    return await start(options, storage)
  } catch (error) {
    storage.close()
    throw error
  }
}

interface Storage {
  db: Database
  outbox: SqliteOutbox
  inbox: InboxStore
  replies: InboxReplies
  questions: QuestionStore
  links: StoredLinks
  codes: LinkCodes
  shown: ShownStore
  close(): void
}

function openStorage(config: Config, now: () => number): Storage {
  const unlock = lockDatabase(config.database)
  try {
    const db = new Database(config.database)
    const blobs = new Blobs(db)
    const outbox = new SqliteOutbox(db, blobs, now)
    const inbox = new InboxStore(db, blobs)
    const replies = new InboxReplies(db, now)
    const questions = new QuestionStore(db)
    const links = new StoredLinks(db)
    const codes = new LinkCodes(db, now)
    const shown = new ShownStore(db, blobs)
    const close = () => {
      db.close()
      unlock()
    }
    return { db, outbox, inbox, replies, questions, links, codes, shown, close }
  } catch (error) {
    unlock()
    throw error
  }
}

/** By the file itself: two paths to it, one a symbolic link, are one lock. */
function lockDatabase(path: string): () => void {
  if (/^\w+:\/\//.test(path)) {
    throw new RelayError(
      'storage',
      `Cannot use the database ${path.split(':')[0]}: expected a file`,
    )
  }
  let unlock: (() => void) | undefined
  try {
    unlock = tryLock(`${realPath(path)}.lock`)
  } catch (cause) {
    throw storageError(path, cause)
  }
  if (unlock) return unlock
  throw new RelayError('storage', `Cannot use the database ${path}: another relay is using it`)
}

/** Of a file that is not there yet, too: it is made, empty, as SQLite would; its folder is private. */
function realPath(path: string): string {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  if (!existsSync(path)) closeSync(openSync(path, 'a'))
  return realpathSync(path)
}

async function start(options: RelayOptions, storage: Storage): Promise<Relay> {
  const { config, log, now, random } = options
  const { outbox } = storage
  const gate = config.hub
    ? { kind: 'hub' as const, gate: new HubGate(config.hub, now) }
    : { kind: 'local' as const, gate: new LocalGate(config.person, now) }
  let url = ''
  const inbox = new Inbox({
    store: storage.inbox,
    replies: storage.replies,
    mode: config.mode,
    link: (id) => (config.mode === 'local' ? `${url}#${id}` : undefined),
  })
  const services = new Map<string, ChatService>()
  const conversions = new Converter()
  const add = (service: ChatService) =>
    services.set(service.name, converting(service, { conversions, shown: storage.shown, now }))
  for (const chat of config.chats) {
    const note = (words: string) => log.warn({ chat: chat.name }, words)
    add(createChat(chat, storage.links, note))
  }
  add(inbox)
  const listener = new Listener(services, log)
  const chats = { all: services, standard: config.standard, broken: config.brokenChats }
  const quotas = new Quotas(config.quota)
  const watches = new Watches({
    db: storage.db,
    outbox,
    services: chats,
    quotas,
    log,
    now,
    lease: options.lease,
  })
  const asked = { store: storage.questions, outbox, services }
  const questions = new Questions({ ...asked, listener, log, now })
  // An answer is an answer first; what is none may be a command; what is nothing gets a hint.
  listener.add(questions)
  listener.add(watches.hearer)
  listener.add(new Hints({ ...asked, questions, now }))
  const identities = new Identities({
    services: chats,
    links: storage.links,
    codes: storage.codes,
    letter: codeLetter,
    note: (words) => log.warn(words),
  })
  const worker = new Worker({ outbox, services, log, now, random })
  let idle: IdleEnd | undefined
  const app = createApp({
    prefix: config.prefix,
    gate,
    services: chats,
    inbox: { service: inbox, store: storage.inbox },
    shown: storage.shown,
    outbox,
    about: [
      (id) => questions.about(id),
      (id) => inbox.about(id),
      (id) => (watches.isWatched(id) ? { watched: true } : {}),
    ],
    asking: new Asking({ store: storage.questions, services, listener, now }),
    questions,
    watches,
    identities,
    quotas,
    masking: new MaskingPolicy(config.unmasked),
    limits: config.limits,
    checks: new ReadyChecks(checks(config, storage.db, services, gate), now),
    page: options.page,
    log,
    active: () => idle?.active(),
  })
  const server = await bindServer(app.express, config.listen)
  const { port } = server
  url = address(config, port)
  if (config.idleMs !== undefined) {
    const isWaiting = () => outbox.counts().waiting > 0 || questions.size > 0 || watches.isNeeded
    const busy = () => app.events.size > 0 || isWaiting()
    idle = new IdleEnd(config.idleMs, busy, options.onIdle, now)
  }
  await watches.start()
  worker.wake()
  listener.start()
  questions.start()
  const pruning = prune(storage, config.inbox, log, now)
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
      await Promise.allSettled([...services.values()].map((service) => service.close()))
      storage.close()
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

function checks(
  config: Config,
  db: Database,
  services: ReadonlyMap<string, ChatService>,
  gate: { kind: 'hub'; gate: HubGate } | { kind: 'local'; gate: LocalGate },
): Check[] {
  const all: Check[] = [
    async () => {
      const problem = await db.problem()
      const detail = [problem ?? 'The database works', ...config.warnings].join('. ')
      return { name: 'storage', ready: problem === undefined, detail }
    },
  ]
  for (const [name, service] of services) {
    all.push(async (signal) => ({ name, ...(await service.ready(signal)) }))
  }
  for (const detail of config.problems) {
    all.push(async () => ({ name: 'configuration', ready: false, detail }))
  }
  if (gate.kind === 'hub') {
    all.push(async (signal) => {
      const problem = await gate.gate.reach(signal)
      return { name: 'hub', ready: problem === undefined, detail: problem ?? 'The Hub answers' }
    })
  }
  return all
}

function prune(
  { outbox, shown, questions, inbox }: Storage,
  kept: Config['inbox'],
  log: Log,
  now: () => number,
) {
  const all = async () => {
    await outbox.prune(now() - KEEP_MS)
    await questions.prune(now() - KEEP_MS)
    await shown.prune()
    await inbox.prune(now() - kept.keepMs, kept.bytes)
  }
  const run = () =>
    all().catch((error: unknown) => {
      log.error({ error: messageOf(error) }, 'cannot prune')
    })
  let running = run()
  const timer = setInterval(() => {
    running = run()
  }, PRUNE_EVERY_MS).unref()
  const stop = () => {
    clearInterval(timer)
    return running
  }
  return { stop }
}

function address({ listen: { host }, prefix }: Config, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}${prefix}`
}
