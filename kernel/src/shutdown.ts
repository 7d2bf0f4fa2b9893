// How a kernel ends: first the running cell, then the runtime, then the last posts and replies,
// then the sockets.
import { durationWords } from '../../post/contract/duration.ts'
import { noticeText } from '../../post/contract/notices.ts'
import type { Cell, Cells } from './cells/cells.ts'
import type { Channels } from './channels/channels.ts'
import type { History } from './history/history-store.ts'
import type { TypedLanguageService } from './language/language.ts'
import type { KernelPosts } from './posting/kernel-posts.ts'
import type { Requests } from './requests.ts'
import type { Runtime } from './runtime/runtime.ts'

/**
 * `asked`: a person or a program ended the kernel. `stopped`: the whole server stops, and the
 * cell's posts say so.
 */
export type Ending = 'asked' | 'stopped'

export interface KernelParts {
  runtime: Runtime
  channels: Channels
  requests: Requests
  /** Read the sockets until these are closed. */
  readers: ReadonlyArray<Promise<void>>
  cells: Cells
  posts: KernelPosts
  history: History
  language: TypedLanguageService
}

/** How long to wait for the last replies, in ms. The server sends SIGTERM after 2500. */
const LAST_REPLIES = 1500

export async function shutDown(
  ending: Ending,
  { runtime, channels, requests, readers, cells, posts, history, language }: KernelParts,
): Promise<void> {
  const { running } = cells
  posts.ending(ending === 'stopped')
  // If the server stops, the cell fails when its process ends, and its post says so. If a person
  // ends the kernel, the cell is interrupted.
  if (ending === 'asked') running?.interrupt.abort()
  const ended = requests.abortCells()
  const untyped = language.close()
  await runtime.close(ending === 'stopped' && running ? stoppedDuring(running) : undefined)
  // The cell's last posts, and the replies under way, such as the one to the shutdown request.
  const last = ended.then(() => posts.finish())
  await Promise.race([Promise.all([last, requests.served(), untyped]), delay(LAST_REPLIES)])
  await channels.close()
  await Promise.all(readers)
  posts.close()
  history.close()
}

function stoppedDuring({ executionCount, outputs }: Cell): string {
  const time = durationWords(Math.max(0, Date.now() - outputs.startedAt) / 1000)
  const cell = noticeText('cell', { number: executionCount })
  return noticeText('serverStopped', { cell, time })
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
