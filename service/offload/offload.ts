// Where the relay computes: small work in place, large work in threads, so that no request and no
// delivery holds up others. Requests and deliveries have separate threads: neither waits for the
// other.
import { wholeBytes } from '../../post/contract/limits.ts'
import { isMaskable } from '../../post/secrets/mask.ts'
import type { Block, Limits } from '../../post/contract/schema.ts'
import { RelayError } from '../errors.ts'
import type { Content } from '../html/content.ts'
import type { Chat, RenderedFrom, RenderedPost } from '../render/messages.ts'
import { isOnDisk } from '../storage/bytes.ts'
import type { RelayFile } from '../storage/bytes.ts'
import { knowDigest } from '../storage/digest.ts'
import { ownBuffers } from './buffers.ts'
import type { ReadContent, SentContent } from './content.ts'
import { OverBudget, ThreadPool } from './pool.ts'
import type { ReadUpload, SentUpload } from './read.ts'
import { perform } from './tasks.ts'
import type { Result, Task } from './tasks.ts'

/** ms for one task. */
const TASK_MS = 10_000
const HEAP_MB = 256
const IDLE_MS = 60_000
/** Bytes of text that take some ms in place, whatever they are (worst measured: 16 kB, 60 ms). */
const SMALL = 8 * 1024
/** Hashing and searching bytes of files is faster than handling text by this factor. */
const BYTES_A_UNIT = 64

export interface OffloadOptions {
  taskMs?: number
  heapMb?: number
  idleMs?: number
}

export class Offload {
  readonly #requests: ThreadPool
  readonly #deliveries: ThreadPool
  readonly #never = new AbortController().signal

  constructor({ taskMs = TASK_MS, heapMb = HEAP_MB, idleMs = IDLE_MS }: OffloadOptions = {}) {
    const options = { threads: 1, taskMs, heapMb, idleMs }
    this.#requests = new ThreadPool(options)
    this.#deliveries = new ThreadPool(options)
  }

  /** Number of threads that exist now. */
  get threads(): number {
    return this.#requests.size + this.#deliveries.size
  }

  /**
   * @throws {RelayError} for a faulty upload, or if it takes more than 10 s or 256 MB
   */
  async read(sent: SentUpload): Promise<ReadUpload> {
    const text = Object.values(sent.fields).reduce((sum, { length }) => sum + length, 0)
    // What is on the disk is read in small pieces, which hold nothing up.
    const bytes = bytesOf(sent.files.filter((file) => !isOnDisk(file.bytes)))
    const result = await this.#request({ kind: 'read', sent }, text + bytes / BYTES_A_UNIT)
    return result.kind === 'read' ? result.read : wrong(result)
  }

  /** @throws {RelayError} `too_large` if it takes more than 10 s or 256 MB */
  async content(sent: SentContent): Promise<ReadContent> {
    const { blocks, files, masked } = sent
    const names = files.reduce((sum, { name }) => sum + name.length, 0)
    // Files whose bytes are not searched stay here: the thread would keep them.
    const looked = files.map((file) =>
      isOnDisk(file.bytes) || (masked && isMaskable(file)) ? file : { ...file, bytes: NOTHING },
    )
    const searched = looked.filter((file) => !isOnDisk(file.bytes) || isMaskable(file))
    const size = wholeBytes(blocks) + names + bytesOf(searched)
    const task: Task = { kind: 'content', sent: { ...sent, files: looked } }
    const result = await this.#request(task, size)
    if (result.kind !== 'content') return wrong(result)
    const { content } = result
    return {
      ...content,
      files: content.files.map((file, n) => restored(file, files[n], content.digests[n])),
    }
  }

  /** Reads the HTML of a post that a relay of 0.1.0 stored. A notice names what cannot be read. */
  async withoutHtml(content: Content, limits: Limits, signal: AbortSignal): Promise<Content> {
    const html = content.blocks.filter(({ type }) => type === 'html')
    const sent = { ...content, limits, masked: false }
    const files = content.files.map((file) => ({ ...file, bytes: NOTHING }))
    const task: Task = { kind: 'content', sent: { ...sent, files } }
    try {
      const result =
        wholeBytes(html) <= SMALL
          ? await perform(task)
          : await this.#deliveries.run(task, [], signal)
      if (result.kind !== 'content') return wrong(result)
      const read = result.content
      return {
        blocks: read.blocks,
        files: read.files.map((file, n) => content.files[n] ?? file),
      }
    } catch (error) {
      if (!(error instanceof OverBudget)) throw error
      const text = `HTML left out: reading it failed, ${error.message}; see the notebook`
      const blocks = content.blocks.map((block): Block =>
        block.type === 'html' ? { type: 'notice', text } : block,
      )
      return { ...content, blocks }
    }
  }

  /** Text that takes more than 10 s or 256 MB is left out, with a note; files are still sent. */
  async print(post: RenderedFrom, chat: Chat, signal: AbortSignal): Promise<RenderedPost> {
    try {
      return await this.#print(post, chat, signal)
    } catch (error) {
      if (!(error instanceof OverBudget)) throw error
      const text = `The text of this post is left out: printing it failed, ${error.message}; see the notebook`
      const files = post.blocks.filter((block) => 'file' in block)
      return this.#print({ ...post, blocks: [{ type: 'notice', text }, ...files] }, chat, signal)
    }
  }

  async #print(post: RenderedFrom, chat: Chat, signal: AbortSignal): Promise<RenderedPost> {
    const { who, signature, source, blocks, refused } = post
    // Printing does not look at their bytes.
    const files = post.files.map(({ name, bytes }) => {
      return { name, bytes: { byteLength: bytes.byteLength } }
    })
    const plain = { who, signature, source, blocks, files, ...(refused && { refused }) }
    const task: Task = { kind: 'print', post: plain, chat }
    const result =
      wholeBytes(blocks) <= SMALL
        ? await perform(task)
        : await this.#deliveries.run(task, [], signal)
    return result.kind === 'print' ? result.printed : wrong(result)
  }

  /** The thread takes over the buffers of the files; the result has them again. */
  async #request(task: Exclude<Task, { kind: 'print' }>, size: number): Promise<Result> {
    if (size <= SMALL) return perform(task)
    try {
      return await this.#requests.run(task, ownBuffers(task.sent.files), this.#never)
    } catch (error) {
      if (!(error instanceof OverBudget)) throw error
      throw new RelayError(
        'too_large',
        `The relay cannot take this post: reading it failed, ${error.message}; send less at once`,
      )
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#requests.close(), this.#deliveries.close()])
  }
}

const NOTHING = new Uint8Array()

/** A file that came back: with its own bytes if they were not sent, else with its digest. */
function restored(
  file: RelayFile,
  sent: RelayFile | undefined,
  digest: string | undefined,
): RelayFile {
  if (isOnDisk(file.bytes)) return file
  if (digest === undefined) return { ...file, bytes: sent?.bytes ?? file.bytes }
  knowDigest(file.bytes, digest)
  return file
}

function bytesOf(files: readonly { bytes: { byteLength: number } }[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
}

function wrong({ kind }: Result): never {
  throw new Error(`A thread answered with the result of another task: ${kind}`)
}
