// Prepares the content of a post before it is stored: removes what is for a terminal, reads its
// HTML, and masks secrets in its blocks, in names of files, and in files that are text.
import { isMaskable, Masker } from '../../post/secrets/mask.ts'
import type { Block, Limits } from '../../post/contract/schema.ts'
import { namedFile } from '../convert/file-name.ts'
import { withoutHtml } from '../html/content.ts'
import type { Content, Reading } from '../html/content.ts'
import { readMarkdown } from '../markdown/read.ts'
import { isOnDisk } from '../storage/bytes.ts'
import { sha256 } from '../storage/digest.ts'
import { maskedFile } from './masked-file.ts'
import { withoutTerminal } from './terminal.ts'

export interface SentContent extends Content {
  limits: Limits
  /** Whether to mask secrets, including those hidden by entities and tags of HTML. */
  masked: boolean
}

export interface ReadContent extends Content {
  /** SHA-256 of the files whose bytes were searched; undefined for others. */
  digests: (string | undefined)[]
  /** How many different secrets were masked, and the notices that say so. */
  count: number
  notices: string[]
}

export async function readContent({ limits, masked, ...post }: SentContent): Promise<ReadContent> {
  const sent = { ...post, blocks: post.blocks.map(withoutTerminal) }
  const masker = new Masker()
  masker.learn(sent.blocks)
  const mask = masked ? (texts: readonly string[]) => masker.pieces(texts) : undefined
  const { blocks, files } = await read(sent, { limits, mask, named: namedFile })
  if (!masked) return { blocks, files, digests: files.map(() => undefined), count: 0, notices: [] }
  const shown = masker.blocks(blocks)
  const content: Content = { blocks: shown, files: [] }
  for (const file of files) content.files.push(await maskedFile(file, masker))
  const digests = content.files.map(({ bytes, mimetype }) =>
    isOnDisk(bytes) || !isMaskable({ mimetype }) ? undefined : sha256(bytes),
  )
  return { ...content, digests, count: masker.count, notices: masker.notices }
}

/** What a MESSAGE becomes is still a person's own: it may mention people. */
async function read({ blocks, files }: Content, reading: Reading): Promise<Content> {
  const parts: Block[] = []
  let known = files
  for (const block of blocks) {
    const isProse = block.type === 'markdown' || block.type === 'message'
    const made = isProse ? readMarkdown(block, reading.mask) : [block]
    if (block.type !== 'message' || made[0] === block) {
      parts.push(...made)
      continue
    }
    const message = await withoutHtml({ blocks: made, files: known }, reading)
    known = message.files
    for (const part of message.blocks)
      parts.push(part.type === 'markdown' ? { type: 'message', text: part.text } : part)
  }
  return withoutHtml({ blocks: parts, files: known }, reading)
}
