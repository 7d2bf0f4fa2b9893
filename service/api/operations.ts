// All requests of the HTTP API, in the order of docs/api.md.
import { ANSWERS } from './answers.ts'
import { LOCAL } from './local.ts'
import type { Operation } from './operation.ts'
import { ORIGINAL } from './original.ts'
import { POSTS } from './posts.ts'
import { READING } from './reading.ts'
import { WATCHES } from './watches.ts'

const ALL: readonly Operation[] = [
  ...POSTS,
  ...ANSWERS,
  ...READING,
  ...WATCHES,
  ...LOCAL,
  ...ORIGINAL,
]

/** @param mode - A relay on a Hub has no page. */
export function operationsOf(mode: 'local' | 'hub'): readonly Operation[] {
  return mode === 'local' ? ALL : ALL.filter(({ isLocal }) => isLocal !== true)
}
