// The file of JUPYTERPOST_POLICY: who may post where. Unknown names are refused, because they are
// typos, and a rule that was meant to forbid something would then forbid nothing.
import { readFileSync } from 'node:fs'
import { z } from 'zod'

import { messageOf } from '../../post/contract/error.ts'
import { placeInJson } from './json-place.ts'

const MOST_RULES = 1000
const MOST_NAMES = 100_000

const WHO = 'expected the name of a person, group/NAME, service/NAME or *'
const WHERE = 'expected @me, @NAME, ~NAME, ~BEGINNING*, id:ID or *'

/** `NAME`, `NAME/2` (the name was another person's before), `group/NAME`, `service/NAME`, `*`. */
const Who = z.string().refine((name) => name !== '' && name === name.trim(), WHO)
/** A place in a chat, or the beginning of names. */
const Where = z.string().refine(isPlace, WHERE)

const Names = z.array(Who).max(MOST_NAMES)
const Places = z.array(Where).max(MOST_NAMES)

const Rule = z
  .strictObject({
    who: Names.min(1),
    /** Name of a chat service, as before a target; without it the rule holds for all of them. */
    chat: z.string().optional(),
    /** These people may post to these places only. */
    allow: Places.optional(),
    /** These people may not post there, whatever else is allowed. */
    deny: Places.optional(),
    /** Whether `@name` in a message pings that person. */
    mentions: z.boolean().optional(),
    /** Posts to other people at a chat service, per person and day, all chats together. */
    direct_per_day: z.int().min(0).optional(),
  })
  .refine(({ chat, direct_per_day: direct }) => chat === undefined || direct === undefined, {
    path: ['direct_per_day'],
    error: 'counts the messages of all chats together: put it into a rule without chat',
  })
export type Rule = z.infer<typeof Rule>

const PolicyFile = z.strictObject({
  /** Who sees how the relay is. */
  admins: Names.default([]),
  /** Services of the Hub that may use the relay. */
  services: z.array(z.string().min(1)).max(MOST_NAMES).default([]),
  /** Whose wish to post secrets unmasked is followed. */
  no_mask: Names.default([]),
  rules: z.array(Rule).max(MOST_RULES).default([]),
})
export type PolicyFile = z.infer<typeof PolicyFile>

/** Says in one line where the file is wrong and what was expected. */
export class PolicyError extends Error {
  override name = 'PolicyError'
}

/** @param chats - Names of the chat services that there are. @throws {PolicyError} */
export function readPolicy(path: string, chats: readonly string[]): PolicyFile {
  const parsed = PolicyFile.safeParse(jsonOf(path))
  if (!parsed.success) throw wrong(path, ...problemOf(parsed.error.issues[0]))
  for (const [n, { chat }] of parsed.data.rules.entries()) {
    if (chat === undefined || chats.includes(chat)) continue
    const words = `expected one of ${chats.join(', ')}, got ${JSON.stringify(chat)}`
    throw wrong(path, ['rules', n, 'chat'], words)
  }
  return parsed.data
}

function jsonOf(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (cause) {
    if (!(cause instanceof SyntaxError))
      throw new PolicyError(`JUPYTERPOST_POLICY: cannot read ${path}, ${messageOf(cause)}`)
    throw new PolicyError(`JUPYTERPOST_POLICY: expected JSON in ${path}${placeInJson(cause)}`)
  }
}

/** An unknown key is named with its path. */
function problemOf(issue: z.core.$ZodIssue | undefined): [path: PropertyKey[], words: string] {
  if (issue?.code === 'unrecognized_keys') {
    const known = issue.path.includes('rules') ? Rule.def.shape : PolicyFile.def.shape
    return [
      [...issue.path, issue.keys[0] ?? ''],
      `there is no such key; expected one of ${Object.keys(known).join(', ')}`,
    ]
  }
  return [issue?.path ?? [], (issue?.message ?? 'wrong').replace(/^Invalid input: /, '')]
}

function wrong(path: string, key: readonly PropertyKey[], words: string): PolicyError {
  const where = key.map(String).join('.') || 'the top level'
  return new PolicyError(`JUPYTERPOST_POLICY: in ${path}, ${where}: ${words}`)
}

function isPlace(place: string): boolean {
  if (place === '*') return true
  const name = ['@', '~', 'id:'].find((prefix) => place.startsWith(prefix))
  if (name === undefined || place.length === name.length || place !== place.trim()) return false
  const star = place.indexOf('*')
  return star === -1 || (name !== 'id:' && star === place.length - 1)
}
