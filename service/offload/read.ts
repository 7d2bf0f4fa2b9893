// An upload as it arrived -> its checked manifest, and its files with names and types: everything
// that takes time in proportion to its size.
import { createHash } from 'node:crypto'

import { cellsOf, htmlBytes, MOST_CELLS, mostHtml, textBytes } from '../../post/contract/limits.ts'
import { PostChange, PostManifest } from '../../post/contract/schema.ts'
import type { Limits } from '../../post/contract/schema.ts'
import { namedFile } from '../convert/file-name.ts'
import { RelayError } from '../errors.ts'
import { hashBytes } from '../storage/bytes.ts'
import type { RelayFile } from '../storage/bytes.ts'
import { digestOf } from '../storage/digest.ts'
import { parseJson } from './json.ts'

export interface SentUpload {
  fields: Record<string, string>
  files: readonly Omit<RelayFile, 'mimetype'>[]
  limits: Limits
  /** What the field `post` contains; `none` for the original's form. */
  manifest: 'post' | 'change' | 'none'
}

export interface ReadUpload {
  files: RelayFile[]
  /** SHA-256 of everything sent, for idempotency. */
  hash: string
  /** SHA-256 of each file. */
  digests: string[]
  post?: PostManifest
  change?: PostChange
}

/** @throws {RelayError} `bad_request` that names the field, `too_large` */
export async function readUpload(sent: SentUpload): Promise<ReadUpload> {
  const manifest = readManifest(sent)
  const files: RelayFile[] = []
  const digests: string[] = []
  const hash = createHash('sha256').update(JSON.stringify(sent.fields))
  for (const file of sent.files) {
    const named = await namedFile(file)
    files.push(named)
    digests.push(digestOf(named.bytes))
    hash.update(`\n${named.name}\n${named.bytes.byteLength}\n`)
    await hashBytes(hash, named.bytes)
  }
  return { files, hash: hash.digest('hex'), digests, ...manifest }
}

function readManifest({ manifest, fields, files, limits }: SentUpload) {
  if (manifest === 'none') return {}
  const text = fields.post
  if (text === undefined) {
    const what = manifest === 'post' ? 'the manifest' : 'the new content'
    throw new RelayError(
      'bad_request',
      `Expected a multipart body with a part \`post\` (${what} as JSON) and parts \`files\`, or JSON alone`,
    )
  }
  const read =
    manifest === 'post'
      ? { post: parseJson(PostManifest, text, 'the part `post`') }
      : { change: parseJson(PostChange, text, 'the part `post`') }
  checkBlocks((read.post ?? read.change).blocks, files.length, limits)
  return read
}

/** @throws {RelayError} `bad_request`, `too_large` */
export function checkBlocks(blocks: PostManifest['blocks'], files: number, limits: Limits): void {
  const bytes = textBytes(blocks)
  if (bytes > limits.textBytes) {
    throw new RelayError(
      'too_large',
      `The limit is ${limits.textBytes} bytes of text a post, but this one of ${blocks.length} blocks has ${bytes}; send the text as a file`,
    )
  }
  const html = htmlBytes(blocks)
  if (html > mostHtml(limits)) {
    throw new RelayError(
      'too_large',
      `The limit is ${mostHtml(limits)} bytes of HTML a post, but this one has ${html}; send it as a file`,
    )
  }
  const cells = cellsOf(blocks)
  if (cells > MOST_CELLS) {
    throw new RelayError(
      'too_large',
      `The limit is ${MOST_CELLS} cells and rows of tables a post, but this one has ${cells}; send them as a file`,
    )
  }
  for (const [n, block] of blocks.entries()) {
    if ((block.type === 'image' || block.type === 'file') && block.file >= files) {
      throw new RelayError(
        'bad_request',
        `blocks.${n}.file is ${block.file}, but the post has ${files} files (counted from 0)`,
      )
    }
  }
}
