// The port of a local relay: the same in each run, so that links in notebooks and open pages go on
// working. If it is taken, the relay changes to another one for good, because the program that has
// it may have taken over what pages at that address can do.
import { randomInt } from 'node:crypto'
import type { RequestListener } from 'node:http'

import type { PageKeys } from './hub/page-keys.ts'
import { bindServer } from './server.ts'
import type { BoundServer } from './server.ts'

const HOST = '127.0.0.1'
/**
 * Below the ports that systems use for outgoing connections, so that it is not taken by accident
 * while no relay is running.
 */
const [FIRST, END] = [20_000, 30_000]
const TRIES = 20

/** @throws {Error} the system's, if no port at all can be bound */
export async function bindKeptPort(handler: RequestListener, keys: PageKeys): Promise<BoundServer> {
  const kept = keys.port
  const again = kept === undefined ? undefined : await tryPort(handler, kept)
  if (again) return again
  const server = await bindNewPort(handler, kept)
  try {
    await keys.keepPort(server.port, kept)
  } catch (error) {
    await server.close()
    throw error
  }
  return server
}

async function bindNewPort(
  handler: RequestListener,
  lost: number | undefined,
): Promise<BoundServer> {
  for (let n = 0; n < TRIES; n += 1) {
    const port = randomInt(FIRST, END)
    const server = port === lost ? undefined : await tryPort(handler, port)
    if (server) return server
  }
  return bindServer(handler, { host: HOST, port: 0 })
}

async function tryPort(handler: RequestListener, port: number): Promise<BoundServer | undefined> {
  try {
    return await bindServer(handler, { host: HOST, port })
  } catch (error) {
    const code = Error.isError(error) && 'code' in error ? error.code : undefined
    // EACCES: Windows reserves ranges of ports.
    if (code === 'EADDRINUSE' || code === 'EACCES') return undefined
    throw error
  }
}
