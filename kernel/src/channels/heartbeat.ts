// The heartbeat socket: whatever comes goes back, byte by byte. It runs here and not beside user code, so it never stops.
import type { Reply } from 'zeromq'

/** Resolves when the socket is closed. */
export async function echo(socket: Reply): Promise<void> {
  for await (const frames of socket) await socket.send(frames)
}
