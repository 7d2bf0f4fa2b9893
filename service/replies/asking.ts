// What may be asked, and of whom: one person, at a service that hears answers, and not too much at once. Stores a question in the commit of
// its post.
import type { Ask } from '../../post/contract/question.ts'
import type { ChatService, Person } from '../chat/chat.ts'
import type { Goal } from '../chat/goal.ts'
import { RelayError } from '../errors.ts'
import type { Listener } from './listener.ts'
import type { ChoicesBlock } from './question-rows.ts'
import type { QuestionStore } from './question-store.ts'

/** Each commit of the relay looks at the open ones. */
const MOST_OPEN_OF_ONE = 100

/** One target of a post. */
type Asked = Pick<Goal, 'typed' | 'target'>

export interface AskingDeps {
  store: QuestionStore
  services: ReadonlyMap<string, ChatService>
  listener: Pick<Listener, 'hears'>
  now: () => number
}

export class Asking {
  readonly #deps: AskingDeps

  constructor(deps: AskingDeps) {
    this.#deps = deps
  }

  /** How to answer, for the post: the time runs from now. @throws {RelayError} `bad_target` */
  blockOf({ choices, timeoutMs, otherwise }: Ask, targets: readonly Asked[]): ChoicesBlock {
    const [target, ...others] = targets
    if (target === undefined || others.length > 0 || target.target.kind === 'channel') {
      const got = targets.map(({ typed }) => typed).join(', ')
      throw new RelayError(
        'bad_target',
        `A question goes to one person: expected @me or @name as its only target, got ${got}`,
      )
    }
    const until = new Date(this.#deps.now() + timeoutMs).toISOString()
    return { type: 'choices', choices, until, ...(otherwise !== undefined && { otherwise }) }
  }

  /**
   * What stores the question in the commit of its post, or undoes it by a throw of `too_many`.
   * @throws {RelayError} `bad_request`
   */
  prepare(
    question: { ask: Ask; block: ChoicesBlock },
    { name: sender }: Person,
    { service, target }: Goal,
  ): (post: string) => void {
    const { store, services, listener } = this.#deps
    if (!listener.hears(service)) {
      const title = services.get(service)?.title ?? service
      throw new RelayError(
        'bad_request',
        `${title} cannot hear answers, so nobody can be asked there; the inbox of this relay can: inbox:@me`,
      )
    }
    const asked = target.kind === 'person' ? target.name : sender
    return (post) => {
      this.#checkRoom(sender)
      store.add(post, { ...question, sender, asked, service })
    }
  }

  #checkRoom(sender: string): void {
    if (this.#deps.store.counts(sender) < MOST_OPEN_OF_ONE) return
    throw new RelayError(
      'too_many',
      `${MOST_OPEN_OF_ONE} questions of yours are open; take some back or wait for their answers`,
      { retryAfter: 60 },
    )
  }
}
