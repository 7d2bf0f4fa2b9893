// What became of posts of earlier calls: told on stderr, once, at the end of the next call.
import { messageOf } from '../post/contract/error.ts'
import { findLocalRelay } from '../post/relay/local-relay.ts'
import { stateFolder } from '../post/relay/folders.ts'
import { RememberedPosts } from '../post/relay/remembered-posts.ts'
import type { RelayPoster } from '../post/relay/poster.ts'
import type { StoredPost } from '../post/contract/schema.ts'

export class News {
  readonly #env: NodeJS.ProcessEnv
  readonly #posts: RememberedPosts
  readonly #new: StoredPost[] = []

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env
    this.#posts = new RememberedPosts(stateFolder(env), (line) =>
      process.stderr.write(`jupyterpost: ${line}\n`),
    )
  }

  /** This call ends before the chat has these posts. */
  expect(posts: readonly StoredPost[]): void {
    this.#new.push(...posts)
  }

  /** Asks the relay for the posts of earlier calls, for a second at most. Never throws. */
  async tell(poster: RelayPoster): Promise<void> {
    try {
      await this.#tell(poster)
    } catch (error) {
      // A full disk, a folder of somebody else: what this call was for is done all the same.
      const why = messageOf(error)
      process.stderr.write(`jupyterpost: what became of earlier posts is not known: ${why}\n`)
    }
  }

  async #tell(poster: RelayPoster): Promise<void> {
    const owner = poster.owner()
    if (this.#posts.has(owner) && (await this.#runs(owner.relay)))
      await this.#posts.tell(owner, (id, signal) => poster.status(id, signal))
    await this.#posts.add(owner, this.#new)
  }

  /** No relay is started only to be asked. */
  async #runs(relay: string): Promise<boolean> {
    return relay !== 'local' || (await findLocalRelay(this.#env)) !== undefined
  }
}
