// What a person gives as the content of a post: a message, attachments, or values that are shown in
// the place of a message. Runs beside user code, so it relies on no global.
import { inspect } from 'node:util'
import { attachmentFiles, isAttachment } from './attachment.ts'
import type { Attachment } from './attachment.ts'
import { PostError } from '../contract/error.ts'
import { Array, String } from '../contract/primordials.ts'
import type { Block, UntypedFile } from '../contract/schema.ts'

/** Text, or a value that is posted as a picture or as the console shows it. */
export type Message = string | number | bigint | boolean | object | null | undefined

/** What `update` and `reply` take: like `post()`, without a channel. */
export type ContentArguments =
  | readonly [message: Message, ...attachments: (Attachment | null | undefined)[]]
  | readonly [
      content: {
        message?: Message
        attachment?: Attachment | readonly (Attachment | null | undefined)[] | null
      },
    ]

/** The content of a post before the transport finds the types of its files. */
export interface GivenContent {
  blocks: Block[]
  files: UntypedFile[]
}

export function partsOf(args: ContentArguments): [message: unknown, attachment: unknown] {
  const [first, ...attachments] = args
  const isContent =
    typeof first === 'object' &&
    first !== null &&
    !isAttachment(first) &&
    ('message' in first || 'attachment' in first)
  if (!isContent) return [first, attachments]
  return [
    'message' in first ? first.message : undefined,
    'attachment' in first ? first.attachment : undefined,
  ]
}

/** @throws {PostError} if both are empty, or something is no content. */
export async function contentOf(message: unknown, attachment: unknown): Promise<GivenContent> {
  const given: unknown[] = Array.isArray(attachment) ? attachment : [attachment]
  if (isAttachment(message)) return filesOnly(await attachmentFiles([message, ...given]))
  const blocks = messageBlocks(message)
  const attached = filesOnly(await attachmentFiles(given))
  blocks.push(...attached.blocks)
  if (blocks.length === 0)
    throw new PostError('bad_request', 'Expected a message or an attachment, got neither')
  return { blocks, files: attached.files }
}

function filesOnly(files: UntypedFile[]): GivenContent {
  return { blocks: files.map((_, file): Block => ({ type: 'file', file })), files }
}

function messageBlocks(message: unknown): Block[] {
  if (message === undefined || message === null || message === '') return []
  if (typeof message === 'string') return [{ type: 'message', text: message }]
  if (typeof message === 'object') {
    // Its signs are not markdown.
    return [{ type: 'text', text: inspect(message), stream: 'result' }]
  }
  if (typeof message === 'number' || typeof message === 'bigint' || typeof message === 'boolean')
    return [{ type: 'message', text: String(message) }]
  throw new PostError('bad_request', `Expected the message to be text, got a ${typeof message}`)
}
