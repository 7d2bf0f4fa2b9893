// Reads a file that a person attaches. Only what has an end is read: a device or a pipe may give
// bytes for ever, or wait for ever for somebody to write.
import { Buffer } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { PostError, messageOf } from '../contract/error.ts'
import type { UntypedFile } from '../contract/schema.ts'

/** Bytes of a file or a stream; the relay's own limits are lower, unless the admin raised them. */
export const LONGEST_FILE = 256 * 1024 * 1024
export const LONGEST_WORDS = `more than ${LONGEST_FILE / 1024 / 1024} MB`

export interface DiskOptions {
  /** Whether a pipe is read too, as in `jupyterpost post @me --attach <(COMMAND)`. */
  pipes?: boolean
}

/**
 * Reads a file from the disk, under its own name.
 * @throws {PostError} `bad_attachment`, `too_large`
 */
export async function fileOfDisk(path: string, options: DiskOptions = {}): Promise<UntypedFile> {
  try {
    const found = await stat(path)
    const isPipe = options.pipes === true && found.isFIFO()
    if (!isPipe && !found.isFile() && !found.isDirectory())
      throw new PostError('bad_attachment', `Cannot attach ${path}: it is a device or a pipe`)
    if (found.size > LONGEST_FILE) throw tooLarge(path)
    return { name: basename(path), bytes: isPipe ? await readPipe(path) : await readFile(path) }
  } catch (error) {
    if (error instanceof PostError) throw error
    const reason = messageOf(error)
    throw new PostError('bad_attachment', `Cannot attach ${path}: ${reason}`, { cause: error })
  }
}

async function readPipe(path: string): Promise<Uint8Array> {
  const pipe: AsyncIterable<Uint8Array> = createReadStream(path)
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of pipe) {
    size += chunk.byteLength
    if (size > LONGEST_FILE) throw tooLarge(path)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function tooLarge(path: string): PostError {
  return new PostError('too_large', `Cannot attach ${path}: it has ${LONGEST_WORDS}`)
}
