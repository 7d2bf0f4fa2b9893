// Who may be asked: one person, at a service that hears answers, and not too many questions at
// once. A question is stored in the same commit as its post.
import type { Ask } from '../../post/contract/question.ts'
import type { ChatService, Person } from '../chat/chat.ts'
import type { Goal } from '../chat/goal.ts'
import { RelayError } from '../errors.ts'
import type { Listener } from './listener.ts'
import type { ChoicesBlock } from './question-rows.ts'
import type { QuestionStore } from './question-store.ts'

/** Open questions of one person. All open ones are looked at after each commit of the relay. */
const MOST_OPEN_OF_ONE = 100

/** One target of a post. */
type Asked = Pick<Goal, 'typed' | 'target'>

export interface AskingDeps {
  store: QuestionStore
  services: ReadonlyMap<string, ChatService>
  listener: Pick<Listener, 'hears'>
  now: () => number
}

function isPerson({ target }: Asked): boolean {
  return target.kind === 'me' || target.kind === 'person'
}

export class Asking {
  readonly #deps: AskingDeps

  constructor(deps: AskingDeps) {
    this.#deps = deps
  }

  /**
   * The block that says how to answer; the time runs from now.
   * @throws {RelayError} `bad_target`
   */
  blockOf({ choices, timeoutMs, otherwise }: Ask, targets: readonly Asked[]): ChoicesBlock {
    const [target, ...others] = targets
    if (target === undefined || others.length > 0 || !isPerson(target)) {
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
   * Returns the function that stores the question, to be called in the commit of its post. It may
   * throw `too_many`, which undoes that commit.
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
        `${title} cannot receive answers, so nobody can be asked there; ask in the inbox of this relay instead: inbox:@me`,
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
      `You have ${MOST_OPEN_OF_ONE} open questions; take some back or wait for their answers`,
      { retryAfter: 60 },
    )
  }
}
