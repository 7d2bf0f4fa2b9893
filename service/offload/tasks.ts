// What the relay computes outside its main thread if the input is large. Each task is a pure
// function of plain data.
import { renderPost } from '../render/messages.ts'
import type { Chat, RenderedFrom, RenderedPost } from '../render/messages.ts'
import { readContent } from './content.ts'
import type { ReadContent, SentContent } from './content.ts'
import { readUpload } from './read.ts'
import type { ReadUpload, SentUpload } from './read.ts'

export type Task =
  | { kind: 'read'; sent: SentUpload }
  | { kind: 'content'; sent: SentContent }
  | { kind: 'print'; post: RenderedFrom; chat: Chat }

export type Result =
  | { kind: 'read'; read: ReadUpload }
  | { kind: 'content'; content: ReadContent }
  | { kind: 'print'; printed: RenderedPost }

/** @throws {RelayError} for a faulty input */
export async function perform(task: Task): Promise<Result> {
  switch (task.kind) {
    case 'read':
      return { kind: 'read', read: await readUpload(task.sent) }
    case 'content':
      return { kind: 'content', content: await readContent(task.sent) }
    case 'print':
      return { kind: 'print', printed: renderPost(task.post, task.chat) }
  }
}
