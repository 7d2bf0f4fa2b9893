// A chat service under the admin's policy. Every post passes here twice: when it is accepted, by
// `resolve`, and right before it is sent or changed, by `deliver` and `edit`, because the policy
// may be another one by then. What counts is the place that was found, not how it was typed.
import type {
  ChatService,
  Checkpoint,
  Delivery,
  Destination,
  Edit,
  Person,
  Target,
} from '../chat/chat.ts'
import { ChatError } from '../errors.ts'
import { muteMentions } from '../render/mentions.ts'
import type { Policy } from './policy.ts'
import type { Rules } from './rules.ts'

export interface Policing {
  policy: Pick<Policy, 'rules'>
  /** The person with the groups that the Hub knows now. */
  today: (person: Person) => Promise<Person>
}

type Ruled = Pick<ChatService, 'resolve' | 'targets' | 'deliver' | 'edit'>

export function policed(service: ChatService, { policy, today }: Policing): ChatService {
  const { name } = service
  const ruled = async <Post extends Omit<Delivery, 'attempt'>>(post: Post) => {
    const rules = inForce(policy)
    // In the inbox of a Hub a channel is a group.
    const isGroup = name === 'inbox' && post.destination.lane.startsWith('~')
    const person = rules.hasGroups || isGroup ? await today(post.person) : post.person
    check(rules, name, person, post.destination)
    const blocks = rules.mayMention(person, name) ? post.blocks : muted(post.blocks)
    return { ...post, person, blocks }
  }
  const own: Ruled = {
    async resolve(target: Target, person: Person, signal: AbortSignal) {
      const rules = inForce(policy)
      const destination = await service.resolve(target, person, signal)
      check(rules, name, person, destination)
      return destination
    },
    async targets(query: string, person: Person, signal: AbortSignal) {
      const { rules } = policy
      const found = await service.targets(query, person, signal)
      const isOpen = (one: string) =>
        rules?.refusal(person, name, [one.startsWith('@') ? one : `~${one}`]) === undefined
      return found.filter(isOpen)
    },
    async deliver(delivery: Delivery, checkpoint: Checkpoint, signal: AbortSignal) {
      return service.deliver(await ruled(delivery), checkpoint, signal)
    },
    async edit(edit: Edit, checkpoint: Checkpoint, signal: AbortSignal) {
      return service.edit(await ruled(edit), checkpoint, signal)
    },
  }
  // With a proxy, every other member of the port goes to the service itself, new ones too.
  return new Proxy(service, {
    get(target, member) {
      if (isRuled(member)) return own[member]
      const value: unknown = Reflect.get(target, member, target)
      // Methods must be called on the service itself, because they use private fields.
      if (typeof value !== 'function') return value
      return (...words: unknown[]): unknown => Reflect.apply(value, target, words)
    },
  })
}

function isRuled(member: string | symbol): member is keyof Ruled {
  return member === 'resolve' || member === 'targets' || member === 'deliver' || member === 'edit'
}

/** Without a policy that can be read, posts wait for one. @throws {ChatError} */
function inForce({ rules }: Pick<Policy, 'rules'>): Rules {
  if (rules) return rules
  throw new ChatError(
    "The relay's policy cannot be read; its admin sees why in /ready. Until then nothing is posted",
    { status: 500, retryable: true },
  )
}

/** @throws {ChatError} `not_allowed` */
function check(rules: Rules, service: string, person: Person, destination: Destination): void {
  const { names, label } = destination
  if (names === undefined && !rules.limits(person, service)) return
  const why = names
    ? rules.refusal(person, service, names)
    : 'an earlier version of the relay accepted it, so the policy of this relay cannot be checked; post it again'
  if (why === undefined) return
  throw new ChatError(`You may not post to ${label}: ${why}`, {
    status: 403,
    retryable: false,
    code: 'not_allowed',
  })
}

/** Outputs ping nobody anyway: only what people write themselves does. */
function muted(blocks: Delivery['blocks']): Delivery['blocks'] {
  return blocks.map((block) =>
    block.type === 'message' ? { ...block, text: muteMentions(block.text) } : block,
  )
}
