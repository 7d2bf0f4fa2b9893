// Posts that wait because the relay is away. They are kept on disk in order, and each is sent once,
// under a lock, by whichever process comes first (docs/spec.md 4.2). Each post that is dropped is
// reported.
import layout from '../contract/spool.json' with { type: 'json' }
import { createHash, randomUUID } from 'node:crypto'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { codeOf } from '../contract/error.ts'
import { RelayAway } from './http.ts'
import type { Relay } from './http.ts'
import { tryLock, waitLock } from './lock.ts'
import { privateFolder } from './private-file.ts'
import { readSpoolFile, readSpoolHead, writeSpoolFile } from './spool-file.ts'
import type { SpoolHead } from './spool-file.ts'
import { entryName, sendEntries } from './spool-sending.ts'
import type { Flushed, PassOptions } from './spool-sending.ts'
import type { Post } from '../contract/schema.ts'

export interface SpoolBounds {
  bytes: number
  /** How long an entry is kept, in ms. */
  age: number
}

const BOUNDS: SpoolBounds = { bytes: layout.bytes, age: layout.ageMs }

/**
 * Ends of file names. A file that ends in `part` is half a post; after `partMs`, longer than any
 * disk takes to write one, nobody will complete it.
 */
const { waiting: WAITING, aside: ASIDE, part: PART, partMs: PART_MS } = layout

/** Whose posts: entries for another relay or person are not touched. */
export interface SpoolOwner {
  /** The relay's address, or `local`. */
  relay: string
  user: string
}

export interface SpoolEntry {
  /** Name of its file. Names sort in the order of posting. */
  name: string
  bytes: number
  head: SpoolHead
  /** The relay failed at this post and took others: it is sent only if a person asks for it. */
  isAside: boolean
}

export interface FlushOptions extends PassOptions {
  /** How long to wait for another process that is sending, in ms. */
  wait?: number
}

export class Spool {
  readonly folder: string
  readonly #bounds: SpoolBounds

  constructor(stateFolder: string, bounds: SpoolBounds = BOUNDS) {
    this.folder = join(stateFolder, layout.folder)
    this.#bounds = bounds
  }

  /** Keeps a post. @returns Which older posts were dropped to make room, in words. */
  async add(
    post: Post,
    owner: SpoolOwner,
    reason: string,
    idempotencyKey: string = randomUUID(),
  ): Promise<string[]> {
    privateFolder(dirname(this.folder))
    privateFolder(this.folder)
    const { files, ...manifest } = post
    const head: SpoolHead = {
      idempotencyKey,
      ...owner,
      spooledAt: Date.now(),
      reason,
      manifest,
      files: files.map((file) => ({
        name: file.name,
        mimetype: file.mimetype,
        bytes: file.bytes.byteLength,
      })),
    }
    await writeSpoolFile(this.folder, await this.#nextName(), head, post)
    return this.#expire()
  }

  /** Entries that wait to be sent, oldest first; only those of `owner`, if given. */
  async entries(owner?: SpoolOwner): Promise<SpoolEntry[]> {
    const waiting = (await this.all()).filter(({ isAside }) => !isAside)
    return owner === undefined ? waiting : waiting.filter(({ head }) => isOf(head, owner))
  }

  /** Entries that wait, and those that were set aside. */
  async all(): Promise<SpoolEntry[]> {
    const entries: SpoolEntry[] = []
    for (const name of await this.#names()) {
      const read = await unlessGone(readSpoolHead(join(this.folder, name)))
      if (read !== undefined) entries.push({ name, ...read, isAside: name.endsWith(ASIDE) })
    }
    return entries
  }

  /** Makes entries that were set aside wait again, in their old order. */
  async resume(): Promise<void> {
    for (const name of (await this.#names()).filter((one) => one.endsWith(ASIDE)))
      await unlessGone(this.#rename(name, name.slice(0, -ASIDE.length) + WAITING))
  }

  async drop(name: string): Promise<void> {
    await rm(join(this.folder, name), { force: true })
  }

  /**
   * Sends the owner's entries in order, until the relay is away. Only one process sends at a time.
   */
  async flush(relay: Relay, owner: SpoolOwner, options: FlushOptions = {}): Promise<Flushed> {
    const flushed: Flushed = { sent: [], notices: [], away: undefined }
    if ((await this.#names()).length === 0) return flushed
    const lock = join(this.folder, `${layout.lock}${hash(`${owner.relay}\n${owner.user}`)}`)
    const release = options.wait === undefined ? tryLock(lock) : await waitLock(lock, options.wait)
    if (release === undefined)
      return { ...flushed, away: 'another program is sending the waiting posts' }
    try {
      flushed.notices.push(...(await this.#expire()))
      const names = (await this.entries(owner)).map(({ name }) => name)
      await sendEntries(names, { waiting: this, relay, flushed }, options)
    } catch (error) {
      if (!(error instanceof RelayAway)) throw error
      flushed.away = error.message
      flushed.isFailing = error.status === 500
    } finally {
      release()
    }
    return flushed
  }

  /** @returns Undefined if it is gone, because another process sent it. */
  async read(name: string): Promise<{ head: SpoolHead; post: Post } | undefined> {
    return unlessGone(readSpoolFile(join(this.folder, name)))
  }

  /** The entry is then sent only if a person asks for it. */
  async setAside(name: string): Promise<void> {
    await unlessGone(this.#rename(name, name.slice(0, -WAITING.length) + ASIDE))
  }

  #rename(from: string, to: string): Promise<void> {
    return rename(join(this.folder, from), join(this.folder, to))
  }

  async #names(): Promise<string[]> {
    const names = (await unlessGone(readdir(this.folder))) ?? []
    return names.filter((name) => name.endsWith(WAITING) || name.endsWith(ASIDE)).toSorted()
  }

  /** Names sort by time. A new entry comes last even if the clock was set back. */
  async #nextName(): Promise<string> {
    const last = Number((await this.#names()).at(-1)?.split('-')[0] ?? 0) || 0
    const at = Math.max(Date.now() * 1000, last + 1)
    const time = String(at).padStart(layout.timeDigits, '0')
    return `${time}-${randomUUID().slice(0, layout.idLetters)}${WAITING}`
  }

  /** Removes half-written posts whose process was killed. */
  async #removeParts(): Promise<void> {
    for (const name of await readdir(this.folder)) {
      if (!name.endsWith(PART)) continue
      const path = join(this.folder, name)
      const part = await unlessGone(stat(path))
      if (part && Date.now() - part.mtimeMs > PART_MS) await rm(path, { force: true })
    }
  }

  /**
   * Drops entries that are too old, then the oldest ones if all take too much space.
   * @returns A line about each.
   */
  async #expire(): Promise<string[]> {
    await this.#removeParts()
    const notices: string[] = []
    const entries = await this.all()
    let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0)
    for (const { name, head, bytes: size } of entries) {
      const isOld = Date.now() - head.spooledAt > this.#bounds.age
      if (!isOld && bytes <= this.#bounds.bytes) break
      await this.drop(name)
      bytes -= size
      const why = isOld
        ? `it waited longer than ${this.#bounds.age / 86_400_000} days`
        : `the spool is full (${Math.round(this.#bounds.bytes / 1024 / 1024)} MB)`
      notices.push(`${entryName(head)} was dropped: ${why}`)
    }
    return notices
  }
}

function isOf(head: SpoolHead, owner: SpoolOwner): boolean {
  return head.relay === owner.relay && head.user === owner.user
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, layout.lockDigits)
}

/** Undefined for a missing file or folder: another process may remove an entry at any time. */
async function unlessGone<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}
