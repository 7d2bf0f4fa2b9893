// Targets as a person types them: `@me`, `@ada`, `lab`, `~lab`, `#lab`, `mattermost:lab`, and
// several separated by commas. Checked here to report a typing mistake before anything is sent; the
// relay checks again and decides.
import { PostError } from './error.ts'
import { JSON, Set } from './primordials.ts'

const SERVICE = /^[a-z][a-z0-9-]{0,31}$/
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_.+@-]{0,99}$/u

/**
 * Whether the name of a person or a channel, without its prefix, is safe in a path of any chat's
 * API.
 */
function isTargetName(name: string): boolean {
  return NAME.test(name) && !name.includes('..')
}

/** `mattermost:@ada` -> its service, and its name with and without prefix. */
export interface TargetParts {
  service: string | undefined
  name: string
  bare: string
}

/** Undefined if it is not well-formed. */
export function targetParts(text: string): TargetParts | undefined {
  const colon = text.indexOf(':')
  const service = colon === -1 ? undefined : text.slice(0, colon)
  const name = text.slice(colon + 1)
  const bare = name.replace(/^[@~#]/, '')
  const isWellFormed = (service === undefined || SERVICE.test(service)) && isTargetName(bare)
  return isWellFormed ? { service, name, bare } : undefined
}

/** `a,@me` -> `['a', '@me']`. @throws {PostError} `bad_target` */
export function parseTargets(text: string): string[] {
  const targets = text.split(',').map((target) => parseTarget(target.trim()))
  return [...new Set(targets)]
}

function parseTarget(text: string): string {
  const parts = targetParts(text)
  if (!parts) {
    throw new PostError(
      'bad_target',
      `${JSON.stringify(text)} is no target. Expected @me, @name for a person, or the name of a channel (lab, ~lab, #lab), ` +
        'with several in a list without spaces: lab,@me',
    )
  }
  const { service, name } = parts
  const prefix = service === undefined ? '' : `${service}:`
  return prefix + (name === '@myself' ? '@me' : name)
}
