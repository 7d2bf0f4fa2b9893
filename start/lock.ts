// Waits for another process of this clone, and says so once. Uses the lock of `post/relay/lock.ts`.
import { waitLock } from '../post/relay/lock.ts'
import type { Say } from './run.ts'

/** Resolves when this process holds the lock; dispose it to give it back. */
export async function holdLock(path: string, say: Say): Promise<Disposable> {
  let release = await waitLock(path, 0)
  if (release === undefined) say(`Waiting for another process, which holds ${path}`)
  while (release === undefined) release = await waitLock(path, 60_000)
  return { [Symbol.dispose]: release }
}
