// What Tab offers in the line of a magic that posts: flags, their values, targets, and each target
// of a list.
import type { Flag } from '../../../post/contract/flags.ts'
import type { PostServices } from './post-services.ts'

/**
 * @param text - From after the magic's name to the cursor.
 * @param kind - After TARGET, a line has only MESSAGE, but a cell's line may have flags.
 */
export async function completePost(
  text: string,
  flags: readonly Flag[],
  kind: 'line' | 'cell',
  services: Pick<PostServices, 'poster' | 'threads'>,
): Promise<string[]> {
  const words = text.trimStart().split(/\s+/)
  const typed = words.pop() ?? ''
  const { value, hasTarget } = read(words, flags)
  if (value) return valuesOf(value, services).filter((one) => one.startsWith(typed))
  if (typed.startsWith('-')) {
    if (hasTarget && kind === 'line') return []
    return flags.map(({ name }) => name).filter((name) => name.startsWith(typed))
  }
  return hasTarget ? [] : targetsOf(typed, services)
}

/** The flag whose value is being typed, and whether there is a TARGET before. */
function read(words: readonly string[], flags: readonly Flag[]) {
  let value: Flag | undefined
  let hasTarget = false
  for (const word of words) {
    if (value) {
      value = undefined
      continue
    }
    const flag = flags.find(({ name, short }) => name === word || short === word)
    if (flag?.value !== undefined) value = flag
    else if (!word.startsWith('-')) hasTarget = true
  }
  return { value, hasTarget }
}

/** All values that a flag takes; for `--thread` the keys used before. */
function valuesOf(flag: Flag, { threads }: Pick<PostServices, 'threads'>): string[] {
  // A key with blanks is one word only in quotes.
  if (flag.name === '--thread')
    return [...threads].map((key) => (/\s/.test(key) ? `"${key}"` : key))
  return [...(flag.choices ?? [])]
}

/** Completes the last target of a list with names that are not in the list yet. */
async function targetsOf(
  typed: string,
  { poster }: Pick<PostServices, 'poster'>,
): Promise<string[]> {
  const list = typed.split(',')
  const last = list.pop() ?? ''
  const names = await poster.targets(last)
  const before = list.map((name) => `${name},`).join('')
  return names.filter((name) => !list.includes(name)).map((name) => before + name)
}
