// What the relay computes outside its main thread if the input is large. Each task is a pure
// function of plain data.
import type { Block, PostFile } from '../../post/contract/schema.ts'
import { renderPost } from '../render/messages.ts'
import type { Chat, RenderedFrom, RenderedPost } from '../render/messages.ts'
import { maskPost } from './mask.ts'
import type { MaskedContent } from './mask.ts'
import { readUpload } from './read.ts'
import type { ReadUpload, SentUpload } from './read.ts'

export type Task =
  | { kind: 'read'; sent: SentUpload }
  | { kind: 'mask'; blocks: readonly Block[]; files: readonly PostFile[] }
  | { kind: 'print'; post: RenderedFrom; chat: Chat }

export type Result =
  | { kind: 'read'; read: ReadUpload }
  | { kind: 'mask'; masked: MaskedContent }
  | { kind: 'print'; printed: RenderedPost }

/** @throws {RelayError} for a faulty input */
export async function perform(task: Task): Promise<Result> {
  switch (task.kind) {
    case 'read':
      return { kind: 'read', read: await readUpload(task.sent) }
    case 'mask':
      return { kind: 'mask', masked: maskPost(task.blocks, task.files) }
    case 'print':
      return { kind: 'print', printed: renderPost(task.post, task.chat) }
  }
}
