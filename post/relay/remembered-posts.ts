// Posts whose end a program has not seen because it ended first: the next program of the person
// asks what became of them. In one private file; two programs at once neither lose a post nor tell
// of it twice.
import limits from '../contract/limits.json' with { type: 'json' }
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { codeOf, PostError } from '../contract/error.ts'
import type { StoredPost } from '../contract/schema.ts'
import { waitLock } from './lock.ts'
import { isOpen, refusedLine } from './pending-posts.ts'
import { privateFile, privateFolder } from './private-file.ts'
import type { SpoolOwner } from './spool.ts'

/** `remembered`: the newest posts that are kept. `askMs`: for asking about all of them. */
const { remembered: MOST, forgetMs: FORGET_MS, askMs: ASK_MS } = limits.pending
/** Longer than another program asks. */
const LOCK_MS = ASK_MS + 1000
/** Answers about a post that nobody waits for any more. */
const DELETED: ReadonlySet<string> = new Set(['unknown_post', 'no_longer_kept'])
/** No file that we wrote is larger. */
const MOST_BYTES = 1024 * 1024

const Remembered = z.object({
  id: z.string().max(200),
  /** Asked for only at this relay and as this person, as in the spool. */
  relay: z.string().max(4096),
  user: z.string().max(1000),
  /** When the relay took it, in ms since the epoch. */
  at: z.number(),
})
type Remembered = z.infer<typeof Remembered>

export class RememberedPosts {
  readonly #folder: string
  readonly #path: string
  readonly #lock: string
  readonly #tell: (line: string) => void

  /** @param tell - Takes one line for the person. */
  constructor(stateFolder: string, tell: (line: string) => void) {
    this.#folder = stateFolder
    this.#path = join(stateFolder, 'unseen-posts.json')
    this.#lock = join(stateFolder, 'unseen-posts.lock')
    this.#tell = tell
  }

  /** Remembers those posts whose status may still change. */
  async add(owner: SpoolOwner, posts: readonly StoredPost[]): Promise<void> {
    const open = posts.filter(({ status }) => isOpen(status))
    if (open.length === 0) return
    const { relay, user } = owner
    await this.#changed((known) => {
      const ids = new Set(open.map(({ id }) => id))
      const others = known.filter((post) => !isOf(post, owner) || !ids.has(post.id))
      return [...others, ...[...ids].map((id) => ({ id, relay, user, at: Date.now() }))]
    })
  }

  /** Whether there is anything to ask this relay for. */
  has(owner: SpoolOwner): boolean {
    return this.#read().some((post) => isOf(post, owner))
  }

  /**
   * Asks what became of the owner's posts, for a second at most, and tells of those that the chat
   * refused.
   * @param status - Throws {PostError}.
   */
  async tell(
    owner: SpoolOwner,
    status: (id: string, signal: AbortSignal) => Promise<StoredPost>,
  ): Promise<void> {
    const lines: string[] = []
    await this.#changed(async (known) => {
      const asked = known.filter((post) => isOf(post, owner))
      const ended = new Set<string>()
      const signal = AbortSignal.timeout(ASK_MS)
      let count = 0
      try {
        for (const { id } of asked) {
          const end = await endOf(id, (one) => status(one, signal))
          count += 1
          if (end === 'open') continue
          ended.add(id)
          if (end !== undefined) lines.push(end)
        }
      } catch (error) {
        // The relay is away or refuses the token: the next program asks.
        if (!(error instanceof PostError)) throw error
      }
      // Those that were asked for go to the end, so that each comes first some time.
      const rest = [...asked.slice(count), ...asked.slice(0, count)]
      const others = known.filter((post) => !isOf(post, owner))
      return [...others, ...rest.filter(({ id }) => !ended.has(id))]
    })
    for (const line of lines) this.#tell(line)
  }

  async #changed(change: (known: Remembered[]) => Remembered[] | Promise<Remembered[]>) {
    privateFolder(this.#folder)
    const release = await waitLock(this.#lock, LOCK_MS)
    // Its holder hangs: posting goes on without it.
    if (release === undefined) return
    try {
      this.#write(await change(this.#read(this.#tell)))
    } finally {
      release()
    }
  }

  #read(note: (line: string) => void = () => undefined): Remembered[] {
    try {
      if (statSync(this.#path).size > MOST_BYTES) throw new SyntaxError('it is too large')
      const known = z.array(Remembered).parse(JSON.parse(readFileSync(this.#path, 'utf8')))
      // A clock that was set back since makes no post a forgotten one.
      return known.filter(({ at }) => Math.abs(Date.now() - at) < FORGET_MS)
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return []
      const isDamaged = error instanceof SyntaxError || error instanceof z.ZodError
      if (!isDamaged) throw error
      note(`${this.#path} is damaged: what became of the posts in it is not told`)
      return []
    }
  }

  /** Written completely or not at all. */
  #write(posts: Remembered[]): void {
    const part = `${this.#path}.part`
    privateFile(part)
    const newest = new Set(posts.toSorted((one, other) => one.at - other.at).slice(-MOST))
    writeFileSync(part, JSON.stringify(posts.filter((post) => newest.has(post))))
    renameSync(part, this.#path)
  }
}

function isOf(post: Remembered, { relay, user }: SpoolOwner): boolean {
  return post.relay === relay && post.user === user
}

/** The line that tells of a refusal, `open` if there may be one later, else undefined. */
async function endOf(
  id: string,
  status: (id: string) => Promise<StoredPost>,
): Promise<string | undefined> {
  try {
    const post = await status(id)
    return isOpen(post.status) ? 'open' : refusedLine(post)
  } catch (error) {
    if (error instanceof PostError && DELETED.has(error.code)) return undefined
    throw error
  }
}
