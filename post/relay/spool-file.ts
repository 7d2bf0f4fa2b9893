// One post of the spool in one file: a line of JSON, then the bytes of its files. Written
// completely or not at all, and never with a token.
import layout from '../contract/spool.json' with { type: 'json' }
import { open, readFile, rename, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { PostManifest } from '../contract/schema.ts'
import type { Post } from '../contract/schema.ts'

export const SpoolHead = z.object({
  /** Sent with each try, so that the relay takes the post once. */
  idempotencyKey: z.string(),
  /** The entry is sent only to this relay and as this person. */
  relay: z.string(),
  user: z.string(),
  /** Milliseconds since the epoch. */
  spooledAt: z.number(),
  reason: z.string(),
  manifest: PostManifest,
  files: z.array(
    z.object({ name: z.string(), mimetype: z.string(), bytes: z.int().nonnegative() }),
  ),
})
export type SpoolHead = z.infer<typeof SpoolHead>

/** Atomic and durable: after this resolves, the entry survives a crash. */
export async function writeSpoolFile(
  folder: string,
  name: string,
  head: SpoolHead,
  post: Post,
): Promise<void> {
  const temporary = join(folder, `.${name}${layout.part}`)
  try {
    await using file = await open(temporary, 'wx', 0o600)
    await file.writeFile(`${JSON.stringify(head)}\n`)
    for (const { bytes } of post.files) await file.writeFile(bytes)
    await file.sync()
  } catch (error) {
    // The disk may be full: half a post would only take space from the next one.
    await rm(temporary, { force: true })
    throw error
  }
  await rename(temporary, join(folder, name))
  const entry = await open(folder, 'r')
  try {
    await entry.sync()
  } finally {
    await entry.close()
  }
}

const PIECE = 64 * 1024

/**
 * Reads the same as `readSpoolFile`, but not the bytes of the files, which may be many megabytes.
 *
 * @returns Undefined if the file is not an entry, or was cut off.
 */
export async function readSpoolHead(
  path: string,
): Promise<{ head: SpoolHead; bytes: number } | undefined> {
  await using file = await open(path, 'r')
  const line = await firstLine(file)
  const head = line && parseHead(line.toString('utf8'))
  if (line === undefined || head === undefined) return undefined
  const { size } = await file.stat()
  const expected = head.files.reduce((sum, { bytes }) => sum + bytes, line.length + 1)
  return expected === size ? { head, bytes: size } : undefined
}

async function firstLine(file: FileHandle): Promise<Buffer | undefined> {
  const pieces: Buffer[] = []
  for (let at = 0; ;) {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(PIECE), 0, PIECE, at)
    if (bytesRead === 0) return undefined
    const end = buffer.subarray(0, bytesRead).indexOf(0x0a)
    pieces.push(buffer.subarray(0, end === -1 ? bytesRead : end))
    if (end !== -1) return Buffer.concat(pieces)
    at += bytesRead
  }
}

/** @returns Undefined if the file is not an entry, or was cut off. */
export async function readSpoolFile(
  path: string,
): Promise<{ head: SpoolHead; post: Post } | undefined> {
  const content = await readFile(path)
  const end = content.indexOf(0x0a)
  const head = end === -1 ? undefined : parseHead(content.toString('utf8', 0, end))
  if (head === undefined) return undefined
  let offset = end + 1
  const files = head.files.map(({ name, mimetype, bytes }) => {
    const file = { name, mimetype, bytes: content.subarray(offset, offset + bytes) }
    offset += bytes
    return file
  })
  return offset === content.length ? { head, post: { ...head.manifest, files } } : undefined
}

function parseHead(line: string): SpoolHead | undefined {
  try {
    return SpoolHead.safeParse(JSON.parse(line)).data
  } catch {
    // A SyntaxError: the line is not JSON.
    return undefined
  }
}
