// Posts whose relay is away: kept on disk in order, sent once each under a lock, by whichever process comes first
// (post-spec, "Spool"). A post at which the relay itself fails is set aside once it takes others. What is dropped or set aside is said.
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { submitPost } from './client.ts'
import { PostError } from './error.ts'
import { RelayAway } from './http.ts'
import type { Relay } from './http.ts'
import { tryLock, waitLock } from './lock.ts'
import { readSpoolFile, readSpoolHead, writeSpoolFile } from './spool-file.ts'
import type { SpoolHead } from './spool-file.ts'
import type { Accepted, Post } from './schema.ts'

export interface SpoolBounds {
  bytes: number
  /** Milliseconds that an entry is kept. */
  age: number
}

const BOUNDS: SpoolBounds = { bytes: 200 * 1024 * 1024, age: 7 * 24 * 3_600_000 }

/** Of a relay that fails at so many posts one after the other only the newest is tried yet: it may be broken. */
const MOST_FAILED = 5

/** Longer than any disk takes to write a post. */
const PART_MS = 3_600_000

const KEEP: ReadonlySet<string> = new Set([
  'no_token',
  'bad_token',
  'not_granted',
  'wrong_url',
  'interrupted',
])

/** How the names of entries end. */
const WAITING = '.post'
const ASIDE = '.aside'

interface Failed {
  name: string
  head: SpoolHead
  error: RelayAway
}

/** Whose posts: entries of another relay or person are not touched. */
export interface SpoolOwner {
  /** The relay's address, or `local`. */
  relay: string
  user: string
}

export interface SpoolEntry {
  /** Name of its file: in the order of posting. */
  name: string
  bytes: number
  head: SpoolHead
  /** The relay failed at it and took others: it is sent only if a person asks for it. */
  isAside: boolean
}

export interface Flushed {
  sent: Accepted[]
  /** What was given up, in words. */
  notices: string[]
  /** Why it stopped before the end, if it did. */
  away: string | undefined
  /** It stopped because the relay itself fails, at these posts or at all. */
  isFailing?: boolean
}

interface FlushOptions {
  /** Milliseconds to wait for another process that is sending. */
  wait?: number
  signal?: AbortSignal | undefined
  /** The relay took a post just now: what it fails at is to blame. */
  isWell?: boolean
}

export class Spool {
  readonly folder: string
  private readonly bounds: SpoolBounds

  constructor(stateFolder: string, bounds: SpoolBounds = BOUNDS) {
    this.folder = join(stateFolder, 'spool')
    this.bounds = bounds
  }

  /** Keeps a post. @returns What had to go for it, in words. */
  async add(
    post: Post,
    owner: SpoolOwner,
    reason: string,
    idempotencyKey: string = randomUUID(),
  ): Promise<string[]> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 })
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
    await writeSpoolFile(this.folder, await this.nextName(), head, post)
    return this.expire()
  }

  /** Entries that wait to be sent, oldest first; of one owner if one is named. */
  async entries(owner?: SpoolOwner): Promise<SpoolEntry[]> {
    const waiting = (await this.all()).filter(({ isAside }) => !isAside)
    return owner === undefined ? waiting : waiting.filter(({ head }) => isOf(head, owner))
  }

  /** Those set aside too. */
  async all(): Promise<SpoolEntry[]> {
    const entries: SpoolEntry[] = []
    for (const name of await this.names()) {
      const read = await unlessGone(readSpoolHead(join(this.folder, name)))
      if (read !== undefined) entries.push({ name, ...read, isAside: name.endsWith(ASIDE) })
    }
    return entries
  }

  /** What was set aside waits again, in its place. */
  async resume(): Promise<void> {
    for (const name of (await this.names()).filter((one) => one.endsWith(ASIDE)))
      await unlessGone(this.rename(name, name.slice(0, -ASIDE.length) + WAITING))
  }

  async drop(name: string): Promise<void> {
    await rm(join(this.folder, name), { force: true })
  }

  /** Sends the owner's entries in order, until one finds the relay away. Only one process sends at a time. */
  async flush(relay: Relay, owner: SpoolOwner, options: FlushOptions = {}): Promise<Flushed> {
    const flushed: Flushed = { sent: [], notices: [], away: undefined }
    if ((await this.names()).length === 0) return flushed
    const lock = join(this.folder, `.lock-${hash(`${owner.relay}\n${owner.user}`)}`)
    const release = options.wait === undefined ? tryLock(lock) : await waitLock(lock, options.wait)
    if (release === undefined) return { ...flushed, away: 'another program is sending the spool' }
    try {
      flushed.notices.push(...(await this.expire()))
      await this.sendAll(relay, owner, flushed, options)
    } catch (error) {
      if (!(error instanceof RelayAway)) throw error
      flushed.away = error.message
      flushed.isFailing = error.status === 500
    } finally {
      release()
    }
    return flushed
  }

  /** @throws what leaves the rest for a later try. */
  private async sendAll(
    relay: Relay,
    owner: SpoolOwner,
    flushed: Flushed,
    { signal, isWell = false }: FlushOptions,
  ): Promise<void> {
    const names = (await this.entries(owner)).map(({ name }) => name)
    let failed: Failed[] = []
    for (let name = names.shift(); name !== undefined; name = names.shift()) {
      const taken = flushed.sent.length
      const failure = await this.tryOne(relay, name, flushed, signal)
      if (failure !== undefined && isWell) flushed.notices.push(await this.setAside(failure))
      else if (failure !== undefined) failed.push(failure)
      // The newest one tells whether it is broken.
      if (failed.length === MOST_FAILED) names.splice(0, names.length - 1)
      if (failed.length > MOST_FAILED) break
      if (flushed.sent.length === taken) continue
      // It took this one, so what it failed at before is to blame, if it fails once more.
      for (const { name: earlier } of failed) {
        const again = await this.tryOne(relay, earlier, flushed, signal)
        if (again !== undefined) flushed.notices.push(await this.setAside(again))
      }
      failed = []
    }
    if (failed[0] !== undefined) throw failed[0].error
  }

  /** @returns The entry if the relay failed at it; it says nothing about others. @throws what leaves all for a later try. */
  private async tryOne(
    relay: Relay,
    name: string,
    flushed: Flushed,
    signal: AbortSignal | undefined,
  ): Promise<Failed | undefined> {
    const read = await unlessGone(readSpoolFile(join(this.folder, name)))
    if (read === undefined) return undefined
    try {
      const notice = await this.sendOne(relay, read, flushed.sent, signal)
      if (notice !== undefined) flushed.notices.push(notice)
    } catch (error) {
      if (error instanceof RelayAway && error.status === 500)
        return { name, head: read.head, error }
      throw error
    }
    await this.drop(name)
    return undefined
  }

  private async setAside({ name, head, error }: Failed): Promise<string> {
    await unlessGone(this.rename(name, name.slice(0, -WAITING.length) + ASIDE))
    const when = new Date(head.spooledAt).toISOString()
    return (
      `A waiting post of ${when} to ${head.manifest.targets.join(', ')} is set aside: ${error.message}, and takes others. ` +
      'jupyterpost spool send tries it again, spool drop deletes it'
    )
  }

  private rename(from: string, to: string): Promise<void> {
    return rename(join(this.folder, from), join(this.folder, to))
  }

  /** @returns Why the relay refuses the entry for good. @throws what leaves the entry for a later try. */
  private async sendOne(
    relay: Relay,
    { head, post }: { head: SpoolHead; post: Post },
    sent: Accepted[],
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> {
    try {
      sent.push(await submitPost(relay, post, { idempotencyKey: head.idempotencyKey, signal }))
      return undefined
    } catch (error) {
      // A wrong token, address or an interrupt says nothing about the post: it waits until that is put right.
      if (!(error instanceof PostError) || KEEP.has(error.code)) throw error
      const when = new Date(head.spooledAt).toISOString()
      return `A waiting post of ${when} to ${head.manifest.targets.join(', ')} was refused and dropped: ${error.message}`
    }
  }

  private async names(): Promise<string[]> {
    const names = (await unlessGone(readdir(this.folder))) ?? []
    return names.filter((name) => name.endsWith(WAITING) || name.endsWith(ASIDE)).toSorted()
  }

  /** Names sort by time; also after the clock was set back, a new entry comes last. */
  private async nextName(): Promise<string> {
    const last = Number((await this.names()).at(-1)?.split('-')[0] ?? 0)
    const at = Math.max(Date.now() * 1000, last + 1)
    return `${String(at).padStart(17, '0')}-${randomUUID().slice(0, 8)}${WAITING}`
  }

  /** Halves of posts whose process was killed: nobody goes on with them. */
  private async removeParts(): Promise<void> {
    for (const name of await readdir(this.folder)) {
      if (!name.endsWith('.part')) continue
      const path = join(this.folder, name)
      const part = await unlessGone(stat(path))
      if (part && Date.now() - part.mtimeMs > PART_MS) await rm(path, { force: true })
    }
  }

  /** Entries too old, then the oldest of too many bytes, go; each is named. */
  private async expire(): Promise<string[]> {
    await this.removeParts()
    const notices: string[] = []
    const entries = await this.all()
    let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0)
    for (const { name, head, bytes: size } of entries) {
      const isOld = Date.now() - head.spooledAt > this.bounds.age
      if (!isOld && bytes <= this.bounds.bytes) break
      await this.drop(name)
      bytes -= size
      const why = isOld
        ? `it waited longer than ${this.bounds.age / 86_400_000} days`
        : `the spool is full (${Math.round(this.bounds.bytes / 1024 / 1024)} MB)`
      notices.push(
        `A waiting post of ${new Date(head.spooledAt).toISOString()} to ${head.manifest.targets.join(', ')} was dropped: ${why}`,
      )
    }
    return notices
  }
}

function isOf(head: SpoolHead, owner: SpoolOwner): boolean {
  return head.relay === owner.relay && head.user === owner.user
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** Another process may send and remove an entry at any time; a folder that was never made is empty. */
async function unlessGone<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT')
      return undefined
    throw error
  }
}
