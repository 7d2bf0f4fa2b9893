// How a post gets into the outbox, for both forms of request. It must be well-formed and within the
// limits, then it is masked; it must be new, within the quota and allowed for all its targets, then
// it is stored.
import type { Request } from 'express'

import type {
  Accepted,
  Block,
  Limits,
  PostChange,
  PostManifest,
} from '../../post/contract/schema.ts'
import { KEY } from '../api/parameters.ts'
import type { Person } from '../chat/chat.ts'
import type { Goal } from '../chat/goal.ts'
import { RelayError } from '../errors.ts'
import { checkBlocks } from '../offload/read.ts'
import type { Outbox } from '../outbox/outbox.ts'
import type { MaskingPolicy } from '../policy/masking.ts'
import { directOf } from '../policy/quota.ts'
import type { Quotas } from '../policy/quota.ts'
import { resolveGoals } from '../policy/resolve.ts'
import type { Services } from '../policy/resolve.ts'
import { asPerson, parseTargets } from '../policy/target.ts'
import type { ParsedTarget } from '../policy/target.ts'
import type { Asking } from '../replies/asking.ts'
import type { ChoicesBlock } from '../replies/question-rows.ts'
import type { RelayFile } from '../storage/bytes.ts'
import { RunningKeys } from './running-keys.ts'

export interface Incoming {
  person: Person
  manifest: PostManifest
  files: RelayFile[]
  idempotency: { key: string; hash: string } | undefined
}

export interface AcceptanceDeps {
  outbox: Outbox
  services: Services
  quotas: Quotas
  masking: MaskingPolicy
  limits: Limits
  /** Posts that may wait for chats. */
  mostWaiting: number
  asking: Asking
}

export class Acceptance {
  readonly #deps: AcceptanceDeps
  readonly keys = new RunningKeys()

  constructor(deps: AcceptanceDeps) {
    this.#deps = deps
  }

  /** @throws {RelayError} */
  accept(incoming: Incoming): Promise<{ answer: Accepted; repeated: boolean }> {
    const { person, idempotency } = incoming
    return this.keys.during(person.name, idempotency, () => this.#accept(incoming))
  }

  async #accept(incoming: Incoming): Promise<{ answer: Accepted; repeated: boolean }> {
    const { person, manifest, files } = incoming
    const blocks = this.#withChoices(manifest)
    this.#check(blocks, files)
    const whole = { ...manifest, blocks }
    const { notices, ...masked } = await this.#deps.masking.apply(person, whole, files)
    const { answer, repeated } = await this.#store({
      ...incoming,
      files: masked.files,
      manifest: { ...manifest, blocks: masked.blocks },
    })
    return { answer: withNotices(answer, notices), repeated }
  }

  /**
   * HTML was checked when the body was read, off the main thread: that takes time.
   * @throws {RelayError}
   */
  #check(blocks: readonly Block[], files: readonly RelayFile[]): void {
    const others = blocks.filter(({ type }) => type !== 'html')
    checkBlocks(others, files.length, this.#deps.limits)
  }

  /** Adds to a question how it can be answered. @throws {RelayError} `bad_target` */
  #withChoices(manifest: PostManifest): Block[] {
    const { ask, blocks } = manifest
    return ask ? [...blocks, this.#deps.asking.blockOf(ask, askedTargets(manifest))] : blocks
  }

  /** Checks that a change of a post is within limits. @throws {RelayError} */
  checkChange({ blocks }: PostChange, files: RelayFile[]): void {
    this.#check(blocks, files)
  }

  async #store(incoming: Incoming): Promise<{ answer: Accepted; repeated: boolean }> {
    const { person, manifest, files, idempotency } = incoming
    const first = idempotency && this.#deps.outbox.answered(person.name, idempotency)
    if (first) return { answer: first, repeated: true }
    const { mostWaiting } = this.#deps
    if (this.#deps.outbox.waiting() >= mostWaiting) {
      throw new RelayError(
        'busy',
        `${mostWaiting} posts wait for the chat; try again when it answers`,
        { retryAfter: 60 },
      )
    }
    const targets = askedTargets(manifest)
    const { quotas, services } = this.#deps
    // The request counted as one post when it came (charging.ts).
    const goals = await quotas.lookUp(person, targets.length - 1, () =>
      resolveGoals(targets, person, services),
    )
    const storeQuestion = this.#storingQuestion(incoming, goals)
    quotas.charge(person, { directPerDay: directOf(goals) })
    const submission = {
      person,
      idempotency,
      blocks: manifest.blocks,
      files,
      source: manifest.source ?? {},
      thread: manifest.thread,
      goals,
    }
    return this.#deps.outbox.accept(
      submission,
      ({ posts: [post] }) => post && storeQuestion?.(post.id),
    )
  }

  /** Returns the function that stores the question with its post. @throws {RelayError} */
  #storingQuestion({ person, manifest }: Incoming, goals: readonly Goal[]) {
    const { ask, blocks } = manifest
    const [goal] = goals
    const block = blocks.findLast((one): one is ChoicesBlock => one.type === 'choices')
    return ask && block && goal && this.#deps.asking.prepare({ ask, block }, person, goal)
  }
}

/** @throws {RelayError} `bad_target` */
function askedTargets({ ask, targets }: PostManifest): ParsedTarget[] {
  const parsed = parseTargets(targets)
  return ask ? parsed.map(asPerson) : parsed
}

/** Notices about the whole post are put with its first target. */
function withNotices({ posts }: Accepted, notices: readonly string[]): Accepted {
  return {
    posts: posts.map((post, n) =>
      n === 0 ? { ...post, notices: [...post.notices, ...notices] } : post,
    ),
  }
}

/** @throws {RelayError} `bad_request` */
export function idempotencyKey(request: Request): string | undefined {
  const key = request.get('Idempotency-Key')
  if (key === undefined || KEY.test(key)) return key
  throw new RelayError(
    'bad_request',
    'Expected an Idempotency-Key of 1 to 200 visible ASCII characters',
  )
}
