// Delivering what waits when the relay starts: into the inbox, and to a chat that speaks
// Mattermost, beside a plain client that sends the same posts to the same chat.
import type { TestHub } from '../../service/test/helpers/hub.ts'
import { temporaryFolder } from '../../service/test/helpers/relay.ts'
import { fill } from './fill.ts'
import { Connection, load } from './load.ts'
import {
  ROOMS,
  chatServer,
  databaseIn,
  hubOfAll,
  memoryOf,
  relayProgram,
  tokenOf,
} from './programs.ts'
import type { Chat, RelayProgram } from './programs.ts'
import { manifest, requests } from './requests.ts'
import { sizes } from './sizes.ts'
import { seedInbox } from './stores.ts'

/** Connections of the plain client: as many as a chat service has slots, unless an admin says. */
const CONNECTIONS = 8
const LOOK_MS = 20

/** Posts a second. */
export interface Delivering {
  inbox: number
  chat: number
  plain: number
}

export interface Restarting {
  /** ms from the start of the process to the first post in the chat. */
  firstMs: number
  /** MB: the most until then. */
  memory: number
}

export async function delivering(): Promise<Delivering> {
  return { inbox: await intoInbox(), ...(await toChat()) }
}

async function intoInbox(): Promise<number> {
  await using hub = await hubOfAll()
  using folder = temporaryFolder()
  await seedInbox(databaseIn(folder.path))
  fill(databaseIn(folder.path), { waiting: sizes.deliveries })
  await using relay = await relayProgram(folder.path, { hub })
  return await rateOfDelivery(relay)
}

async function toChat(): Promise<Pick<Delivering, 'chat' | 'plain'>> {
  using folder = temporaryFolder()
  await using hub = await hubOfAll()
  await using chat = await chatServer()
  await seedChat(folder.path, { hub, chat, count: sizes.deliveries })
  const before = await plainRate(chat)
  await using relay = await relayProgram(folder.path, { hub, chat })
  const rate = await rateOfDelivery(relay)
  return { chat: rate, plain: (before + (await plainRate(chat))) / 2 }
}

/** Posts wait for the chat, and from then on it takes them. */
async function seedChat(
  folder: string,
  { hub, chat, count }: { hub: TestHub; chat: Chat; count: number },
): Promise<void> {
  {
    await using relay = await relayProgram(folder, { hub, chat })
    const request = requests(relay.prefix, 'bench')
    await load({ port: relay.port, clients: ROOMS, ms: sizes.sliceMs, request })
  }
  fill(databaseIn(folder), { waiting: count })
  chat.takePosts()
}

/** From the first post that is delivered to when nothing waits any more. */
async function rateOfDelivery(relay: RelayProgram): Promise<number> {
  const connection = await Connection.open(relay.port)
  try {
    const all = await waiting(connection, relay)
    let left = all
    let start = 0
    let atStart = all
    while (left > 0) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
      left = await waiting(connection, relay)
      if (start > 0 || left === all) continue
      start = performance.now()
      atStart = left
    }
    return (atStart / (performance.now() - start)) * 1000
  } finally {
    connection.close()
  }
}

async function waiting(connection: Connection, { prefix }: RelayProgram): Promise<number> {
  const head = `GET ${prefix}metrics HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: token ${tokenOf(0)}`
  const { body } = await connection.ask(`${head}\r\n\r\n`)
  return Number(/^jupyterpost_waiting (\d+)/m.exec(body)?.[1])
}

/** The same texts over connections that are kept open, each to channels of its own. */
async function plainRate(chat: Chat): Promise<number> {
  const message = manifest(0, 'bench').blocks.map((block) => ('text' in block ? block.text : ''))
  const request = (client: number, n: number) => {
    const channel = chat.channels[(client + n * CONNECTIONS) % ROOMS] ?? ''
    const body = JSON.stringify({ channel_id: channel, message: message.join('\n') })
    return (
      `POST /api/v4/posts HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${chat.token}\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
    )
  }
  const port = Number(new URL(chat.url).port)
  const ms = sizes.sliceMs
  return (await load({ port, clients: CONNECTIONS, ms, request, expected: 201 })).perSecond
}

/** From the start of the process to its first delivery, with posts waiting for a chat. */
export async function restarting(): Promise<Restarting> {
  using folder = temporaryFolder()
  await using hub = await hubOfAll()
  await using chat = await chatServer()
  await seedChat(folder.path, { hub, chat, count: sizes.waiting })
  const arrived = firstPost(chat)
  await using relay = await relayProgram(folder.path, { hub, chat })
  const firstMs = (await arrived) - relay.startedAt
  return { firstMs, memory: memoryOf(relay.pid).most }
}

/** When the chat got its first post: it prints a line then. */
async function firstPost(chat: Chat): Promise<number> {
  await chat.line()
  return performance.now()
}
