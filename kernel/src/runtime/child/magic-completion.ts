// What the function `complete` of a magic returned -> texts that can be offered, bounded.
import { types } from 'node:util'
import { Array } from '../../api/primordials.ts'
import { settled } from './user-promises.ts'

/** Most texts that are looked at, and UTF-16 units of one. */
const TEXTS = 10_000
const LONGEST = 500

/** @param complete - Calls it. An error offers nothing. */
export async function offeredBy(complete: () => unknown): Promise<string[]> {
  try {
    const found = complete()
    const texts = types.isPromise(found) ? (await settled(found)).value : found
    // A proxy's traps would run without a limit.
    if (!Array.isArray(texts) || types.isProxy(texts)) return []
    const offered: string[] = []
    for (let index = 0; index < texts.length && index < TEXTS; index++) {
      const text: unknown = texts[index]
      if (typeof text === 'string' && text !== '' && text.length <= LONGEST) offered.push(text)
    }
    return offered
  } catch {
    // Nobody asked for its error: the person is typing.
    return []
  }
}
