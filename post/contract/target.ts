// Targets as a person types them: `@me`, `@ada`, `lab`, `~lab`, `#lab`, `"Town Square"`, a link to
// a channel, `mattermost:lab`, and several with commas. Checked here to report a typing mistake
// before anything is sent; the relay checks again and decides. Python has the same in
// `posting/target.py`; the cases of both are `fixtures/targets.json`.
import { inspect } from 'node:util'
import { PostError } from './error.ts'
import { Array, JSON, Set, String } from './primordials.ts'

const SERVICE = /^[a-z][a-z0-9-]{0,31}$/
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_.+@-]{0,99}$/u
/** No longer than the contract takes; without comma (it ends a target), quote and backslash. */
const LINK = /^https?:\/\/[!#-+\--[\]-~]{1,150}$/i
/** Control characters, ends of lines and halves of characters. */
const UNSEEN = /[\p{Cc}\p{Cs}\u2028\u2029]/u
const LONGEST_DISPLAY_NAME = 100
const SELF = new Set(['me', 'myself', '@me', '@myself'])

/** The name of a person or a channel is safe in a path of any chat's API. */
function isTargetName(name: string): boolean {
  return NAME.test(name) && !name.includes('..')
}

export type TargetForm = 'me' | 'person' | 'channel' | 'name' | 'display name' | 'link'

/** `mattermost:@ada` -> its service, what kind of name it is, and the name without its prefix. */
export interface TargetParts {
  service: string | undefined
  /** `name` is a name without a prefix: of a channel, or else of a person. */
  form: TargetForm
  name: string
}

/** Undefined if it is not well-formed. */
export function targetParts(text: string): TargetParts | undefined {
  if (LINK.test(text)) return { service: undefined, form: 'link', name: text }
  const colon = text.search(/[:"]/)
  if (colon === -1 || text[colon] === '"') return partsWithout(undefined, text)
  const service = text.slice(0, colon)
  return SERVICE.test(service) ? partsWithout(service, text.slice(colon + 1)) : undefined
}

function partsWithout(service: string | undefined, text: string): TargetParts | undefined {
  if (LINK.test(text)) return { service, form: 'link', name: text }
  if (SELF.has(text.toLowerCase())) return { service, form: 'me', name: 'me' }
  const prefix = /^[@~#]/.exec(text)?.[0] ?? ''
  const bare = text.slice(prefix.length)
  if (isTargetName(bare)) {
    const form = prefix === '' ? 'name' : prefix === '@' ? 'person' : 'channel'
    return { service, form, name: bare }
  }
  const name = prefix === '@' ? undefined : displayName(bare)
  return name === undefined ? undefined : { service, form: 'display name', name }
}

/** In quotes anything that can be seen; without quotes several words, as in `Town Square`. */
function displayName(text: string): string | undefined {
  const isQuoted = text.length > 1 && text.startsWith('"') && text.endsWith('"')
  const name = (isQuoted ? text.slice(1, -1) : text).trim()
  if (name === '' || name.length > LONGEST_DISPLAY_NAME) return undefined
  if (name.includes('"') || UNSEEN.test(name)) return undefined
  if (isQuoted) return name
  const isWords = name.includes(' ') && /^[\p{L}\p{N}_]/u.test(name)
  return isWords && !/[/\\:]|\.\./.test(name) ? name : undefined
}

/** `a,"b, c"` -> `a` and `"b, c"`: a comma in quotes is part of a display name. */
export function listedTargets(text: string): string[] {
  const targets: string[] = []
  let start = 0
  let isQuoted = false
  for (let i = 0; i < text.length; i += 1) {
    if (text[i] === '"') isQuoted = !isQuoted
    if (text[i] !== ',' || isQuoted) continue
    targets.push(text.slice(start, i).trim())
    start = i + 1
  }
  return [...targets, text.slice(start).trim()]
}

/**
 * `a,@Myself` -> `['a', '@me']`. A display name is in quotes then: `"Town Square"`.
 * @throws {PostError} `bad_target`
 */
export function parseTargets(text: string): string[] {
  return [...new Set(listedTargets(text).map(parseTarget))]
}

/**
 * A text with one or several targets, or a list of such texts.
 * @throws {PostError} `bad_target`
 */
export function targetsOf(channel: unknown): string[] {
  const texts: unknown[] = Array.isArray(channel) ? channel : [channel]
  const wrong = texts.findIndex((text) => typeof text !== 'string' || text === '')
  if (texts.length === 0 || wrong !== -1) {
    const got = texts.length === 0 ? 'an empty list' : inspect(texts[wrong], { depth: 0 })
    throw new PostError(
      'bad_target',
      `Expected a channel as text or a list of them, got ${got}: post('text', '@me') or post({ message: 'text', channel: ['@me', 'lab'] })`,
    )
  }
  return [...new Set(texts.flatMap((text) => parseTargets(String(text))))]
}

function parseTarget(text: string): string {
  const parts = targetParts(text)
  if (!parts) {
    throw new PostError(
      'bad_target',
      `${JSON.stringify(text)} is no target. Expected @me, @name for a person, the name of a channel (lab, ~lab, #lab), ` +
        'its display name in quotes ("Town Square") or a link to it, with several in a list: lab,@me',
    )
  }
  const { service, form, name } = parts
  const prefix = service === undefined ? '' : `${service}:`
  if (form === 'me') return `${prefix}@me`
  return form === 'display name' ? `${prefix}"${name}"` : text
}
