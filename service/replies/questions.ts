// The life of a question. It is asked with its post, and is over when the person answers, when its
// time is up, when it is taken back, or when its post cannot be delivered. Each step is committed
// before the next one, so a relay that was killed goes on where it stopped.
import { setTimeout as delay } from 'node:timers/promises'

import { messageOf } from '../../post/contract/error.ts'
import type { Answer } from '../../post/contract/question.ts'
import type { Block, ReadPost } from '../../post/contract/schema.ts'
import type { ChatService, Conversation, Person, Reply } from '../chat/chat.ts'
import { RelayError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Content, Outbox } from '../outbox/outbox.ts'
import { withQuestion } from './ending.ts'
import { Errands } from './errands.ts'
import type { Hearer, Listener } from './listener.ts'
import { accepted, askedOf, messageKey } from './matching.ts'
import { conversationOf } from './question-rows.ts'
import type { End, OpenQuestion, PostFate, StoredQuestion } from './question-rows.ts'
import type { QuestionStore } from './question-store.ts'

/**
 * Before a question ends, its chat has this long to say what was answered last. It is not short,
 * because many questions may be over at once and are read one after the other.
 */
const LAST_LOOK_MS = 60_000
/** Look at the clock at least this often, because it may jump. */
const LOOK_MS = 30_000

export interface QuestionsDeps {
  store: QuestionStore
  outbox: Outbox
  services: ReadonlyMap<string, ChatService>
  listener: Listener
  log: Log
  now: () => number
}

export class Questions implements Hearer {
  readonly #deps: QuestionsDeps
  readonly #listeners = new Set<() => void>()
  readonly #stop = new AbortController()
  readonly #errands = new Errands({
    done: (name) => this.#lookAtSome([postOf(name)]),
    failed: (error) => this.#failed(error),
  })
  /** Posts that are known to be at their service. */
  readonly #delivered = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  /** Something failed, so all questions are to be looked at again. */
  #isMissed = false
  #unsubscribe: (() => void) | undefined

  constructor(deps: QuestionsDeps) {
    this.#deps = deps
  }

  start(): void {
    for (const { post, fate } of this.#deps.store.fates())
      if (fate === 'delivered') this.#delivered.add(post)
    this.#unsubscribe = this.#deps.outbox.onChange((posts) => this.#lookAtSome(posts))
    this.#lookAtAll()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    this.#unsubscribe?.()
    clearTimeout(this.#timer)
    await this.#errands.ended()
  }

  get size(): number {
    return this.#deps.store.counts()
  }

  /** For the asker only. @throws {RelayError} `unknown_post`, `unknown_question` */
  answerFor(person: Person, post: string): Answer {
    const question = this.#deps.store.find(post)
    if (question?.sender === person.name) return question.answer
    if (this.#deps.outbox.find(post)?.from === person.name) {
      throw new RelayError(
        'unknown_question',
        'This post asks nothing: expected one sent with `ask`',
      )
    }
    throw new RelayError('unknown_post', 'There is no such post among those you sent')
  }

  /**
   * Takes the question back if it is open. Returns how it stands after that.
   * @throws {RelayError} as `answerFor`
   */
  async withdraw(person: Person, post: string): Promise<Answer> {
    this.answerFor(person, post)
    await this.#end(post, { state: 'withdrawn' })
    return this.answerFor(person, post)
  }

  /** What readers of the post see of its question. */
  about(post: string): Pick<ReadPost, 'question'> {
    const question = this.#deps.store.find(post)
    return question ? { question: { choices: question.block.choices, answer: question.shown } } : {}
  }

  /**
   * The new blocks of a post, with its question added if it asks one. Only inside the commit that
   * stores the content.
   */
  keepQuestion(post: string, blocks: Block[]): Block[] {
    const question = this.#deps.store.find(post)
    return question ? withQuestion(blocks, question) : blocks
  }

  /** Calls the listener when a question is over. Returns the function that removes it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  conversations(service: string): Conversation[] {
    return this.#deps.store.open(service).flatMap((question) => conversationOf(question) ?? [])
  }

  /** Takes valid answers only. Others may be meant for another hearer; `Hints` comes last. */
  async heard(service: string, reply: Reply): Promise<boolean> {
    const message = messageKey(service, reply)
    if (this.#deps.store.isTaken(message)) return true
    const question = this.openAbout(service, reply)
    const answer = question && accepted(question, reply.text)
    if (!answer) return false
    await this.#end(question.post, { state: 'answered', ...answer, at: reply.at, message })
    return true
  }

  /** The open question that a reply is about. */
  openAbout(service: string, reply: Reply): OpenQuestion | undefined {
    const open = this.#deps.store.open(service, reply.lane).flatMap((question) => {
      const { destination, delivered } = question
      if (!destination || !delivered) return []
      const messages = delivered.messages.map(({ id }) => id)
      const { lane, accounts } = destination
      const place = { lane, thread: delivered.thread, messages, account: accounts?.person }
      return [{ ...question, ...place }]
    })
    return askedOf(reply, open)
  }

  /** Ends open questions where it is time, and has posts show those that are over. Never throws. */
  #lookAtAll(): void {
    this.#isMissed = false
    this.#look(() => this.#deps.store.fates())
  }

  /** At those of these posts, and those whose time is up: there may be many others. */
  #lookAtSome(posts: Iterable<string>): void {
    const { store, now } = this.#deps
    this.#look(() => [...store.fatesOf(posts), ...store.fates(now())])
  }

  #look(fates: () => readonly PostFate[]): void {
    if (this.#stop.signal.aborted) return
    try {
      for (const fate of fates()) this.#lookAt(fate)
      for (const post of this.#deps.store.untold()) this.#errands.run(post, () => this.#tell(post))
      const until = this.#deps.store.nextUntil()
      if (until !== undefined) this.#lookIn(until - this.#deps.now())
    } catch (error) {
      this.#failed(error)
    }
  }

  #lookAt({ post, fate, error, until }: PostFate): void {
    if (fate === 'dead') this.#errands.run(post, () => this.#end(post, { state: 'failed', error }))
    // This comes before `gone`: a post may be forgotten just when the time of its question is up.
    else if (until <= this.#deps.now()) this.#errands.run(post, () => this.#expire(post))
    else if (fate === 'gone') this.#errands.run(post, () => this.#end(post, { state: 'withdrawn' }))
    else if (fate === 'delivered' && !this.#delivered.has(post)) {
      this.#delivered.add(post)
      // Somebody fast may have answered before the delivery was recorded.
      this.#errands.run(`${post} read`, () => this.#catchUp(post))
    }
  }

  async #expire(post: string): Promise<void> {
    await this.#catchUp(post)
    if (!this.#stop.signal.aborted) await this.#end(post, { state: 'expired' })
  }

  /** Reads the replies once more: an answer in time counts even if the connection was down. */
  async #catchUp(post: string): Promise<void> {
    const question = this.#deps.store.openOne(post)
    const conversation = question && conversationOf(question)
    if (!conversation) return
    const read = new AbortController()
    const signal = AbortSignal.any([this.#stop.signal, read.signal])
    await Promise.race([
      this.#deps.listener.catchUp(question.service, conversation),
      delay(LAST_LOOK_MS, undefined, { signal, ref: false }),
    ])
    read.abort()
  }

  async #end(post: string, end: End): Promise<void> {
    if (!(await this.#deps.store.end(post, end, this.#deps.now()))) return
    this.#delivered.delete(post)
    for (const listener of this.#listeners) listener()
    this.#lookAtSome([])
  }

  /** Has the post show how its question ended, and records this in the same commit. */
  async #tell(post: string): Promise<void> {
    const { store, outbox, services } = this.#deps
    const question = store.find(post)
    if (!question) return store.nothingToTell(post)
    const gapMs = services.get(question.service)?.capabilities().minEditGapMs ?? 0
    const content = () => {
      store.told(post)
      return this.#content(question)
    }
    const changed = await outbox.edits.change(post, content, { gapMs, idempotency: undefined })
    if (changed === 'final') await store.nothingToTell(post)
  }

  #content(question: StoredQuestion): Content {
    const { outbox } = this.#deps
    const reader = { name: question.sender, lanes: [] }
    const shown = outbox.read(question.post, reader)
    const files = shown?.files.flatMap((_, n) => outbox.file(question.post, n, reader) ?? [])
    const blocks = withQuestion(shown?.blocks ?? [], question)
    return { blocks, files: files ?? [], source: undefined }
  }

  #failed(error: unknown): void {
    if (this.#stop.signal.aborted) return
    this.#deps.log.error({ error: messageOf(error) }, 'cannot end a question; trying again')
    this.#isMissed = true
    this.#lookIn(LOOK_MS)
  }

  /** A question whose time is up is being ended already, and its end looks again. */
  #lookIn(ms: number): void {
    clearTimeout(this.#timer)
    const within = ms > 0 && ms < LOOK_MS ? ms : LOOK_MS
    const look = () => {
      if (this.#isMissed) this.#lookAtAll()
      else this.#lookAtSome([])
    }
    this.#timer = setTimeout(look, within).unref()
  }
}

/** The post of an errand. */
function postOf(name: string): string {
  return name.split(' ', 1)[0] ?? name
}
