// The five sockets of a kernel: opened together, closed in reverse. Only this folder imports
// zeromq.
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { Reply, Router } from 'zeromq'
import { Backlog } from './backlog.ts'
import { echo } from './heartbeat.ts'
import { Iopub } from './iopub.ts'
import { limited } from './log.ts'
import type { Log } from './log.ts'
import { AdmittingPublisher } from './publisher.ts'
import { RouterChannel } from './router.ts'
import { Stdin } from './stdin.ts'
import { ConnectionError, endpoint } from '../protocol/connection.ts'
import type { ChannelName, ConnectionInfo } from '../protocol/connection.ts'
import { createWire } from '../protocol/wire.ts'

export type { Iopub } from './iopub.ts'
export type { Channel } from './router.ts'
export type { Stdin } from './stdin.ts'

/**
 * Messages that wait for a client that reads more slowly than we write; this client alone loses
 * any more. No client that reads at all gets there; for one that never reads, this is some 300 MB
 * of usual messages. The backlog bounds their bytes.
 */
const IOPUB_WAITING = 100_000
/** ms until a client whose connection takes no more bytes is cut off; then nothing waits for it. */
const IOPUB_PATIENCE = 600_000

/** ms that closed sockets keep sending, so that the reply to a shutdown leaves. */
const LINGER = 1000

export interface Channels {
  /** With the ports that were bound. */
  connection: ConnectionInfo
  /** In every header we send; new in each kernel process. */
  session: string
  shell: RouterChannel
  control: RouterChannel
  stdin: Stdin
  iopub: Iopub
  /** Sends what is queued and closes the sockets, which ends the readers of `messages()`. */
  close(): Promise<void>
}

/**
 * @param wait - Called with true when clients of iopub are far behind and no more should come, with
 *   false when it may go on.
 * @throws {ConnectionError} naming the address that cannot be bound.
 */
export async function openChannels(
  info: ConnectionInfo,
  log: Log,
  wait: (on: boolean) => void,
): Promise<Channels> {
  const wire = createWire(info.key, info.hash)
  const session = randomUUID()
  const wireLog = limited(log)
  // No high-water mark: beyond the default of 1000, replies to a slow client would be lost or
  // would block all others.
  const common = { linger: LINGER, sendHighWaterMark: 0, ...encryption(info) }
  const sockets = {
    // A client that reconnects with its old routing id takes over; otherwise its replies would go
    // to the dead connection.
    shell: new Router({ ...common, handover: true }),
    control: new Router({ ...common, handover: true }),
    stdin: new Router({ ...common, handover: true }),
    // allSubs: by default zeromq hides a second subscription to the same topic, and its client
    // would get no welcome.
    iopub: new AdmittingPublisher({
      ...common,
      verbosity: 'allSubs',
      sendHighWaterMark: IOPUB_WAITING,
      tcpMaxRetransmitTimeout: IOPUB_PATIENCE,
    }),
    hb: new Reply(common),
  }
  const closeAll = (): void => {
    for (const socket of Object.values(sockets).toReversed()) socket.close()
  }
  try {
    const connection: ConnectionInfo = { ...info, ports: { ...info.ports } }
    for (const [name, socket] of entries(sockets)) {
      connection.ports[name] = await bind(socket, connection, name)
    }
    const backlog = new Backlog(wait)
    const iopub = new Iopub({ socket: sockets.iopub, wire, session, log, backlog })
    const shell = new RouterChannel('shell', sockets.shell, wire, wireLog)
    const control = new RouterChannel('control', sockets.control, wire, wireLog)
    const answers = new RouterChannel('stdin', sockets.stdin, wire, wireLog)
    const loops = [iopub.welcome(), echo(sockets.hb)]
    return {
      connection,
      session,
      shell,
      control,
      stdin: new Stdin(answers, session, log),
      iopub,
      async close() {
        await iopub.close()
        await Promise.all([shell.flushed(), control.flushed(), answers.flushed()])
        closeAll()
        await Promise.all(loops)
      },
    }
  } catch (error) {
    closeAll()
    throw error
  }
}

type Sockets = Record<ChannelName, Router | AdmittingPublisher | Reply>

function entries(sockets: Sockets): Array<[ChannelName, Sockets[ChannelName]]> {
  const { shell, control, stdin, iopub, hb } = sockets
  return [
    ['shell', shell],
    ['control', control],
    ['stdin', stdin],
    ['iopub', iopub],
    ['hb', hb],
  ]
}

async function bind(
  socket: Sockets[ChannelName],
  info: ConnectionInfo,
  name: ChannelName,
): Promise<number> {
  const chosen = info.transport === 'ipc' ? withFreePath(info, name) : info
  const address = endpoint(chosen, name)
  try {
    await socket.bind(address)
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'unknown reason'
    throw new ConnectionError(`cannot bind ${name}_port at ${address}: ${reason}`, { cause: error })
  }
  if (chosen.ports[name] !== 0) return chosen.ports[name]
  return Number(/:(\d+)$/.exec(socket.lastEndpoint ?? '')?.[1])
}

/** For ipc a port is a number at a path's end: 0 becomes the first one that is free. */
function withFreePath(info: ConnectionInfo, name: ChannelName): ConnectionInfo {
  if (info.ports[name] !== 0) return info
  const taken = new Set(Object.values(info.ports))
  let number = 1
  while (taken.has(number) || existsSync(`${info.ip}-${number}`)) number += 1
  return { ...info, ports: { ...info.ports, [name]: number } }
}

/** CURVE: we are the server on all five sockets. Set before bind, or clients connect in clear. */
function encryption(info: ConnectionInfo): { curveServer?: boolean; curveSecretKey?: string } {
  return info.curve ? { curveServer: true, curveSecretKey: info.curve.secretKey } : {}
}
