// `%env`: lists, shows or sets variables of the environment of cells and of what they start. Values
// that posts would mask are not shown, because a notebook with its outputs is given to others.
import { wordsNamed } from './flag-names.ts'
import type { Magic, Surroundings } from './magic.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'

const HIDDEN = '[masked]'

/** @param surroundings - For completion: as the last magic found them. */
export function envMagic(surroundings: () => Surroundings): Magic {
  return {
    name: 'env',
    summary:
      'Lists, shows or sets variables of the environment; values that posts would mask are hidden.',
    line: {
      usage: '%env [NAME | NAME=VALUE | NAME VALUE]',
      flags: [],
      words: 0,
      asTyped: true,
      async run({ words: [typed = ''] }, context) {
        const { env } = context.surroundings
        const shown = await shownIn(env)
        const { name, value } = assignment(typed)
        if (value !== undefined) {
          context.stream('stdout', `env: ${name}=${shown(name, value)}\n`)
          return { action: 'variable', name, value }
        }
        if (name === '') {
          const rows = Object.keys(env).toSorted()
          context.stream(
            'stdout',
            rows.map((one) => `${one}=${shown(one, env[one] ?? '')}\n`).join(''),
          )
          return undefined
        }
        const found = env[name]
        if (found === undefined) throw new UsageError(`There is no variable ${name}`)
        context.stream('stdout', `${shown(name, found)}\n`)
        return undefined
      },
    },
    complete: (text) =>
      Promise.resolve(wordsNamed(text, Object.keys(surroundings().env).toSorted())),
  }
}

/** `NAME=VALUE`, or with a blank between, as typed. */
function assignment(typed: string): { name: string; value: string | undefined } {
  const at = typed.search(/[=\s]/)
  if (at < 0) return { name: typed, value: undefined }
  const name = typed.slice(0, at)
  if (name === '') throw new UsageError('Expected the name of a variable before the equals sign')
  const rest = typed.slice(at).trimStart()
  return { name, value: (rest.startsWith('=') ? rest.slice(1) : rest).trim() }
}

/** A value as posts would show it. What masks is loaded when first needed: it takes 5 ms. */
async function shownIn(env: NodeJS.ProcessEnv): Promise<(name: string, value: string) => string> {
  const [{ Masker }, { isSecretName }] = await Promise.all([
    import('../../../post/secrets/mask.ts'),
    import('../../../post/secrets/values.ts'),
  ])
  const variables = Object.entries(env).map(([name, value = '']) => ({ name, value }))
  const masker = new Masker(variables)
  return (name, value) => (isSecretName(name) ? HIDDEN : masker.text(value))
}
