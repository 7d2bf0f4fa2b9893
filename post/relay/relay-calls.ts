// Requests other than posting: the state of a post or a question, watches, names, links. None is
// kept for later: a relay that is away is an error.
import {
  deleteAnswer,
  deletePost,
  deleteWatch,
  forgetPages,
  getAnswer,
  getCommands,
  getFeed,
  getPost,
  getTargets,
  linkAccount,
  makeLinks,
  putWatch,
} from './client.ts'
import type { PageLinks } from './client.ts'
import { resolveEndpoint } from './endpoint.ts'
import type { Endpoint, EndpointOptions } from './endpoint.ts'
import { PostError } from '../contract/error.ts'
import { RelayAway } from './http.ts'
import type { Relay } from './http.ts'
import type { LinkAnswer, LinkRequest } from '../contract/identity.ts'
import { localRelay } from './local-relay.ts'
import type { Answer } from '../contract/question.ts'
import type { Feed, StoredPost } from '../contract/schema.ts'
import { sentence } from '../contract/sentence.ts'
import type { WatchManifest, WatchState } from '../contract/watch.ts'

export interface CallOptions extends EndpointOptions {
  /** The package's command, which starts a local relay if none runs. */
  relayProgram: string
}

export class RelayCalls {
  protected readonly env: NodeJS.ProcessEnv
  readonly #options: CallOptions

  constructor(options: CallOptions, env: NodeJS.ProcessEnv) {
    this.#options = options
    this.env = env
  }

  /** Names that complete what was typed; none if the relay does not answer or refuses. */
  async targets(query: string, signal?: AbortSignal): Promise<string[]> {
    try {
      return await this.ask(this.endpoint(), signal, (relay) => getTargets(relay, query, signal))
    } catch (error) {
      if (error instanceof RelayAway || error instanceof PostError) return []
      throw error
    }
  }

  /** The state of one stored post. @throws {PostError} */
  async status(id: string, signal?: AbortSignal): Promise<StoredPost> {
    return this.call(signal, (relay) => getPost(relay, id, signal))
  }

  /** Deletes a stored post. @throws {PostError} */
  async remove(id: string, signal?: AbortSignal): Promise<void> {
    await this.call(signal, (relay) => deletePost(relay, id, signal))
  }

  /**
   * The state of a question, as soon as it is over or after `wait` seconds (0 to 30).
   * @throws {PostError}
   */
  async answer(id: string, wait: number, signal?: AbortSignal): Promise<Answer> {
    return this.call(signal, (relay) => getAnswer(relay, id, wait, signal))
  }

  /** Takes a question back. @throws {PostError} */
  async withdraw(id: string, signal?: AbortSignal): Promise<void> {
    await this.call(signal, (relay) => deleteAnswer(relay, id, signal))
  }

  /** Starts a watch or updates one. @throws {PostError} */
  async putWatch(id: string, manifest: WatchManifest, signal?: AbortSignal): Promise<WatchState> {
    return this.call(signal, (relay) => putWatch(relay, id, manifest, signal))
  }

  /** Renews a watch and waits up to `wait` seconds (0 to 30) for a command. @throws {PostError} */
  async commands(
    id: string,
    wanted: { after: number; wait: number },
    signal?: AbortSignal,
  ): Promise<WatchState> {
    return this.call(signal, (relay) => getCommands(relay, id, wanted, signal))
  }

  /** Ends a watch. @throws {PostError} */
  async endWatch(id: string, signal?: AbortSignal): Promise<void> {
    await this.call(signal, (relay) => deleteWatch(relay, id, signal))
  }

  /**
   * Links a chat account, in two steps: first the name, then the code that the bot sent.
   * @throws {PostError}
   */
  async link(request: LinkRequest, signal?: AbortSignal): Promise<LinkAnswer> {
    return this.call(signal, (relay) => linkAccount(relay, request, signal))
  }

  /**
   * The newest posts that the person may read, or those before an answer's; oldest first.
   * @throws {PostError}
   */
  async newest(limit: number, before?: string, signal?: AbortSignal): Promise<Feed> {
    return this.call(signal, (relay) => getFeed(relay, { limit, before }, signal))
  }

  /**
   * Links to the inbox page and to posts in it; each lets in one browser, once. A relay on a Hub
   * has one address for all and needs no such links.
   * @throws {PostError}
   */
  async page(posts: readonly string[], signal?: AbortSignal): Promise<PageLinks> {
    const endpoint = this.endpoint()
    if (endpoint.kind === 'remote') return { page: endpoint.url, posts: [] }
    return this.call(signal, (relay) => makeLinks(relay, posts, signal))
  }

  /**
   * Makes the local relay forget all browsers.
   * @returns How many there were.
   * @throws {PostError} `bad_request` if the relay is not of this machine.
   */
  async forgetPages(signal?: AbortSignal): Promise<number> {
    if (this.endpoint().kind === 'remote')
      throw new PostError(
        'bad_request',
        'Only a relay of your own machine lets browsers in by a key: there is nothing to forget',
      )
    return this.call(signal, (relay) => forgetPages(relay, signal))
  }

  /** @throws {PostError} `relay_away`, or the relay's error. */
  protected async call<T>(
    signal: AbortSignal | undefined,
    request: (relay: Relay) => Promise<T>,
  ): Promise<T> {
    try {
      return await this.ask(this.endpoint(), signal, request)
    } catch (error) {
      if (!(error instanceof RelayAway)) throw error
      throw new PostError('relay_away', sentence('noAnswer', { reason: error.message }), {
        cause: error,
      })
    }
  }

  /**
   * A local relay that restarts has a new token at the same port. If the token is refused, finds
   * the relay again and tries once more.
   */
  protected async ask<T>(
    endpoint: Endpoint,
    signal: AbortSignal | undefined,
    request: (relay: Relay) => Promise<T>,
  ): Promise<T> {
    const relay = await this.relay(endpoint, signal)
    try {
      return await request(relay)
    } catch (error) {
      const isBadToken = error instanceof PostError && error.code === 'bad_token'
      if (!isBadToken || endpoint.kind === 'remote') throw error
      const found = await this.relay(endpoint, signal)
      if (found.token === relay.token) throw error
      return request(found)
    }
  }

  /** Read at each call, because a cell may change the environment. */
  protected endpoint(): Endpoint {
    return resolveEndpoint(this.env, this.#options)
  }

  protected async relay(endpoint: Endpoint, signal: AbortSignal | undefined): Promise<Relay> {
    return endpoint.kind === 'remote'
      ? endpoint
      : localRelay(this.env, this.#options.relayProgram, signal)
  }
}
