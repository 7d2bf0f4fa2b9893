// Lists posts page by page: a person's own and those of the inbox that they may read, all or those
// that a filter lets through. `before` is opaque to clients and names a place, not a post.
import type { ListQuery } from '../api/parameters.ts'
import type { Person, Target } from '../chat/chat.ts'
import type { InboxStore } from '../chat/inbox-store.ts'
import type { Inbox } from '../chat/inbox.ts'
import { RelayError } from '../errors.ts'
import type { Outbox } from '../outbox/outbox.ts'
import { parseTargets } from '../policy/target.ts'
import { merged } from '../storage/place.ts'
import type { Found, Place } from '../storage/place.ts'

const LISTED = 50

export interface PostListDeps {
  outbox: Outbox
  inbox: { service: Inbox; store: InboxStore }
}

export interface Page {
  /** The oldest comes first. */
  ids: string[]
  /** What to ask for next; undefined if there is nothing older. */
  before: string | undefined
}

/** @throws {RelayError} `bad_request`, `bad_target` */
export function listPosts(deps: PostListDeps, person: Person, query: ListQuery): Page {
  const { limit = LISTED, state, from } = query
  const asked = {
    limit,
    after: query.before === undefined ? undefined : placeOf(query.before),
    state,
  }
  const wanted = query.target === undefined ? undefined : wantedTarget(query.target)
  const sources: Found[] = []
  if (from === undefined || from === person.name) {
    const targets = wanted && storedForms(wanted.target, person)
    sources.push(deps.outbox.list(person.name, { ...asked, targets, service: wanted?.service }))
  }
  const { service, store } = deps.inbox
  const isInInbox = wanted?.service === undefined || wanted.service === service.name
  if (isInInbox && (state === undefined || state === 'delivered')) {
    const read = service.lanes(person)
    const lanes = wanted
      ? service
          .lanesOf(wanted.target, person)
          .filter((lane) => read === 'all' || read.includes(lane))
      : read
    sources.push(store.list(lanes, { ...asked, sender: from }))
  }
  const { places, end } = merged(sources, limit)
  return { ids: places.map(({ id }) => id).toReversed(), before: end && textOf(end) }
}

/** @throws {RelayError} `bad_target` */
function wantedTarget(typed: string) {
  const [wanted, ...others] = parseTargets([typed])
  if (wanted && others.length === 0) return wanted
  throw new RelayError('bad_target', `Expected one target, got ${JSON.stringify(typed)}`)
}

/** How the outbox may have stored this target: a name without a sign is a channel or a person. */
function storedForms(target: Target, { name }: Person): string[] {
  const forms: Target[] = [target]
  if (target.kind === 'channel' && target.at === undefined) {
    const { orPerson: _, ...channel } = target
    forms.push(channel, { ...channel, orPerson: true })
  }
  if (target.kind === 'person' && target.name === name) forms.push({ kind: 'me' })
  if (target.kind === 'me') forms.push({ kind: 'person', name })
  return [...new Set(forms.map((form) => JSON.stringify(form)))]
}

function textOf({ accepted, id }: Place): string {
  return Buffer.from(`${accepted} ${id}`).toString('base64url')
}

/** @throws {RelayError} `bad_request` */
function placeOf(text: string): Place {
  const [accepted = '', id, ...others] = Buffer.from(text, 'base64url').toString().split(' ')
  if (/^\d{1,14}$/.test(accepted) && id !== undefined && others.length === 0)
    return { accepted: Number(accepted), id }
  throw new RelayError('bad_request', 'Expected before to be the `before` of an earlier answer')
}
