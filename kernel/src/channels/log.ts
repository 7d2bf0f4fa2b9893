// Lines for the server's log (stderr). They name what was wrong, never a key, a signature or the text of a message.

export type Log = (line: string) => void

/** At most `limit` lines in `interval` ms, so that garbage from the network cannot fill a disk; says how many it kept back. */
export function limited(log: Log, limit = 20, interval = 10_000): Log {
  let since = 0
  let count = 0
  return (line) => {
    const now = Date.now()
    if (now - since >= interval) {
      if (count > limit) log(`${count - limit} more lines like these were left out`)
      since = now
      count = 0
    }
    count += 1
    if (count <= limit) log(line)
  }
}
