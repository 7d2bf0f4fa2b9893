// The heartbeat socket: whatever comes goes back, byte by byte. User code runs in another process,
// so this never stops.
import type { Reply } from 'zeromq'

/** Resolves when the socket is closed. */
export async function echo(socket: Reply): Promise<void> {
  for await (const frames of socket) await socket.send(frames)
}
