// From targets as typed to a submission's goals. All are resolved before any is accepted, so a list
// with one refused target sends nothing. If a chat does not answer within 3 s, the person does not
// wait for it: the worker resolves that target.
import type { ChatService, Person, Target } from '../chat/chat.ts'
import type { Goal } from '../chat/goal.ts'
import { ChatError, RelayError } from '../errors.ts'
import type { ParsedTarget } from './target.ts'

const RESOLVE_MS = 3000

export interface Services {
  all: ReadonlyMap<string, ChatService>
  /** The service for targets without `service:`. */
  standard: string
  /** Services whose settings are wrong. */
  broken: readonly string[]
}

/** @throws {RelayError} for the first refused target, in the order typed. */
export async function resolveGoals(
  asked: readonly ParsedTarget[],
  person: Person,
  services: Services,
): Promise<Goal[]> {
  const targets = asked.map((parsed) => {
    const name = parsed.service ?? serviceOf(parsed.target, services)
    return { parsed, name, service: find(name, parsed, services) }
  })
  const goals = await Promise.allSettled(
    targets.map(({ parsed, name, service }) => resolveOne(parsed, name, service, person)),
  )
  return goals.map((goal) => {
    if (goal.status === 'rejected') throw goal.reason
    return goal.value
  })
}

/** A link is taken to the service that it leads to. */
function serviceOf(target: Target, { all, standard }: Services): string {
  const at = 'at' in target ? target.at : undefined
  if (at === undefined) return standard
  const led = [...all].find(([, service]) => service.isAt?.(at) === true)
  return led?.[0] ?? standard
}

function find(name: string, parsed: ParsedTarget, services: Services): ChatService {
  const service = services.all.get(name)
  if (service) return service
  if (services.broken.includes(name)) {
    throw new RelayError(
      'chat_refuses',
      `The chat service ${name} is not set up right, so ${parsed.typed} was not posted; the admin of the relay sees why in /ready`,
    )
  }
  const known = [...services.all.keys()].join(', ')
  throw new RelayError(
    'unknown_target',
    `There is no chat service ${name} for ${parsed.typed}; this relay has ${known}`,
  )
}

async function resolveOne(
  { typed, target }: ParsedTarget,
  name: string,
  service: ChatService,
  person: Person,
): Promise<Goal> {
  const addressOf = (id: string) => service.addressOf?.(id)
  const goal = { typed, service: name, target, addressOf, label: `${typed} (${service.title})` }
  const late = AbortSignal.timeout(RESOLVE_MS)
  try {
    return { ...goal, destination: await service.resolve(target, person, late) }
  } catch (error) {
    // An adapter may pass on the AbortError of its own request.
    if (error instanceof ChatError && error.status === 401) throw botRefused(error)
    if (late.aborted) return { ...goal, target: settled(target), destination: undefined }
    if (error instanceof ChatError && error.retryable)
      return {
        ...goal,
        target: settled(target),
        destination: undefined,
        trouble: error.message,
      }
    throw error instanceof ChatError ? refusal(error) : error
  }
}

/**
 * A post whose target is looked up later goes to the channel of this name or nowhere: nobody would
 * see in a receipt that it went to a person instead.
 */
function settled(target: Target): Target {
  if (target.kind !== 'channel') return target
  const { orPerson: _, ...channel } = target
  return channel
}

/** Accepted posts wait for the new token; for a new post we cannot check where it may go. */
function botRefused(error: ChatError): RelayError {
  const words = `${error.message}. Posts that were accepted before are kept and delivered then`
  return new RelayError('chat_refuses', words, { cause: error })
}

function refusal(error: ChatError): RelayError {
  const options = { nearest: error.nearest, cause: error }
  return new RelayError(error.code ?? 'not_allowed', error.message, options)
}
