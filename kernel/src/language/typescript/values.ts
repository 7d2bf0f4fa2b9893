// What the runtime knows, beside what the checker knows.
import type { MimeBundle } from '../../protocol/mimebundle.ts'
import type { Completion } from '../../runtime/runtime.ts'

export function isFound({ matches }: Completion): boolean {
  return matches.length > 0
}

export function isKnown(bundle: MimeBundle | undefined): boolean {
  return bundle !== undefined
}

export function isAfterDot(code: string, start: number): boolean {
  return code
    .slice(Math.max(start - 100, 0), start)
    .trimEnd()
    .endsWith('.')
}

/** What the runtime holds as well, such as names that a cell made on `globalThis`. */
export function merged(types: Completion, values: Completion | undefined): Completion {
  if (values?.start !== types.start) return types
  const known = new Set(types.matches.map(({ text }) => text))
  const keywords = types.matches.filter(({ type }) => type === 'keyword')
  const names = types.matches.filter(({ type }) => type !== 'keyword')
  const more = values.matches.filter(({ text }) => !known.has(text))
  return { ...types, matches: [...names, ...more, ...keywords] }
}

/**
 * The value in what the runtime tells: below the name and an empty line.
 * @param name - Of what has a source that a cell wrote: of a function it tells only that.
 */
export function valueIn(
  bundle: MimeBundle | undefined,
  name: string | undefined,
): string | undefined {
  const text = bundle?.['text/plain']
  if (typeof text !== 'string') return undefined
  const end = text.indexOf('\n\n')
  return end < 0 || text.slice(0, end) === name ? undefined : text.slice(end + 2)
}
