// Lines for the server's log (stderr). They say what was wrong, but never show a key, a signature
// or the text of a message.

export type Log = (line: string) => void

/** At most `limit` lines in `interval` ms: garbage must not fill a disk. Counts the others. */
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
