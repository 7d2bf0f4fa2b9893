// Reads targets as people type them: `@me`, `@name`, `name`, `~name`, `#name`, `service:target`,
// lists. An accepted name is safe in a path of any chat's API: no slash, no `..`, no space, no
// control character.
import { targetParts } from '../../post/contract/target.ts'
import type { Target } from '../chat/chat.ts'
import { RelayError } from '../errors.ts'

export interface ParsedTarget {
  /** As typed, trimmed. */
  typed: string
  /** Undefined means the relay's default service. */
  service: string | undefined
  target: Target
}

const EXPECTED =
  'expected @me, @name, or a channel as name, ~name or #name, also as service:target; a name has letters, digits, . _ - + @'

/** @throws {RelayError} `bad_target`, which quotes the target and says what was expected. */
export function parseTargets(typed: readonly string[]): ParsedTarget[] {
  const targets = typed.flatMap((list) => list.split(',')).map((one) => parseTarget(one.trim()))
  if (targets.length > 0 && targets.length <= 20) return targets
  throw new RelayError('bad_target', `Expected 1 to 20 targets, got ${targets.length}`)
}

function parseTarget(typed: string): ParsedTarget {
  const parts = targetParts(typed)
  if (!parts) throw new RelayError('bad_target', `No target: ${JSON.stringify(typed)}; ${EXPECTED}`)
  const { service, name, bare } = parts
  if (name === '@me' || name === '@myself') return { typed, service, target: { kind: 'me' } }
  const kind = name.startsWith('@') ? 'person' : 'channel'
  return { typed, service, target: { kind, name: bare } }
}
