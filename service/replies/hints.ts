// When somebody answers a question with something that it does not accept, a post in its thread
// says how it can be answered.
import type { ChatService, Conversation, Reply } from '../chat/chat.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { Hearer } from './listener.ts'
import { messageKey } from './matching.ts'
import type { OpenQuestion } from './question-rows.ts'
import type { QuestionStore } from './question-store.ts'
import type { Questions } from './questions.ts'

/** Hints per question: somebody may talk in its thread without wanting to answer. */
const MOST_HINTS = 3
const MOST_QUOTED = 60

export interface HintsDeps {
  questions: Questions
  store: QuestionStore
  outbox: Outbox
  services: ReadonlyMap<string, ChatService>
  now: () => number
}

/** The last of the hearers, because a reply may be meant for another one. */
export class Hints implements Hearer {
  readonly #deps: HintsDeps

  constructor(deps: HintsDeps) {
    this.#deps = deps
  }

  /** None of its own: `Questions` names them. */
  conversations(): Conversation[] {
    return []
  }

  async heard(service: string, reply: Reply): Promise<boolean> {
    const { questions, store, now } = this.#deps
    const question = questions.openAbout(service, reply)
    if (!question) return false
    if (question.hints < MOST_HINTS) await this.#hint(question, reply)
    else await store.take(messageKey(service, reply), now())
    return true
  }

  async #hint(question: OpenQuestion, reply: Reply): Promise<void> {
    const { store, outbox, services, now } = this.#deps
    const { post, service, typed, target, destination, person } = question
    const addressOf = (id: string) => services.get(service)?.addressOf?.(id)
    const goal = { typed, service, target, destination, addressOf, label: typed }
    const submission = {
      person,
      idempotency: undefined,
      blocks: [{ type: 'notice' as const, text: hintText(question, reply.text) }],
      files: [],
      source: {},
      thread: undefined,
      under: post,
      goals: [goal],
    }
    await outbox.accept(submission, () => store.hinted(post, messageKey(service, reply), now()))
  }
}

function hintText({ block }: OpenQuestion, said: string): string {
  if (block.choices.length === 0) return 'Expected a text'
  const choices = block.choices.map((choice, n) => `${n + 1}. ${choice}`).join(', ')
  const line = said.replace(/\s+/g, ' ').trim()
  const quoted = line.length <= MOST_QUOTED ? line : `${line.slice(0, MOST_QUOTED - 1)}…`
  return `Expected one of ${choices} (the number or the word), got ${JSON.stringify(quoted)}`
}
