// What Tab offers on the line of a post magic: flags, values of flags, targets, each target of a list.
import type { Flag } from '../../../post/contract/flags.ts'
import type { PostServices } from './post-services.ts'

/**
 * @param text - From after the magic's name to the cursor.
 * @param kind - After TARGET the rest of a line is MESSAGE, of a cell it may be flags.
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

/** The flag whose value is being typed, and whether TARGET was. */
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

/** All values that a flag takes; for a thread the keys that were used before. */
function valuesOf(flag: Flag, { threads }: Pick<PostServices, 'threads'>): string[] {
  // With blanks it is one word in quotes alone.
  if (flag.name === '--thread')
    return [...threads].map((key) => (/\s/.test(key) ? `"${key}"` : key))
  return [...(flag.choices ?? [])]
}

/** Of a list the last one is completed, without those that are in it. */
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
