// Reads targets as people type them: `@me`, `@name`, `name`, `~name`, `#name`, `"Display Name"`,
// links, `service:target`, lists. Names of people and channels are safe in a path of any chat's
// API: no slash, no `..`, no space, no control character. A display name never goes into a path.
import { listedTargets, targetParts } from '../../post/contract/target.ts'
import type { TargetParts } from '../../post/contract/target.ts'
import type { Target } from '../chat/chat.ts'
import { RelayError } from '../errors.ts'

export interface ParsedTarget {
  /** As typed, trimmed. */
  typed: string
  /** Undefined means the relay's default service, or for a link the one that it leads to. */
  service: string | undefined
  target: Target
}

const EXPECTED =
  'expected @me, @name, a channel as name, ~name or #name, its display name in quotes or a link to it, also as service:target; a name has letters, digits, . _ - + @'
const LINKS =
  'expected a link to a channel or a person, such as https://chat.example.org/team/channels/NAME or https://chat.example.org/team/messages/@NAME'

/** @throws {RelayError} `bad_target`, which quotes the target and says what was expected. */
export function parseTargets(typed: readonly string[]): ParsedTarget[] {
  const targets = typed.flatMap(listedTargets).map(parseTarget)
  if (targets.length > 0 && targets.length <= 20) return targets
  throw new RelayError('bad_target', `Expected 1 to 20 targets, got ${targets.length}`)
}

function parseTarget(typed: string): ParsedTarget {
  const parts = targetParts(typed)
  if (!parts) throw new RelayError('bad_target', `No target: ${JSON.stringify(typed)}; ${EXPECTED}`)
  return { typed, service: parts.service, target: targetOf(parts) }
}

function targetOf({ form, name }: TargetParts): Target {
  switch (form) {
    case 'me':
      return { kind: 'me' }
    case 'person':
    case 'channel':
      return { kind: form, name }
    case 'name':
      return { kind: 'channel', name, orPerson: true }
    case 'display name':
      return { kind: 'display name', name }
    case 'link':
      return linked(name)
  }
}

/** The last two parts of its path tell the target, those before it the server and the team. */
function linked(link: string): Target {
  const url = URL.parse(link)
  const path = url?.pathname.split('/').filter((part) => part !== '') ?? []
  const [place, last = ''] = path.splice(-2)
  const parts = targetParts(place === 'channels' ? `~${last}` : last)
  const isTarget =
    (place === 'channels' && parts?.form === 'channel') ||
    (place === 'messages' && parts?.form === 'person')
  if (!url || !isTarget || !parts) {
    throw new RelayError('bad_target', `No target: ${JSON.stringify(link)}; ${LINKS}`)
  }
  const at = [url.host, ...path].join('/')
  return place === 'channels'
    ? { kind: 'channel', name: parts.name, at }
    : { kind: 'person', name: parts.name, at }
}

/** For a question, which goes to one person: a name without `@` can mean nobody else. */
export function asPerson(parsed: ParsedTarget): ParsedTarget {
  const { target } = parsed
  if (target.kind !== 'channel' || target.orPerson !== true) return parsed
  return { ...parsed, target: { kind: 'person', name: target.name } }
}
