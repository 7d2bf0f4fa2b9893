// `%reset`: forgets what cells declared, without a restart. Modules stay loaded, timers go on.
import type { Magic } from './magic.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'

const FORCE = { name: '--force', short: '-f', description: 'do not ask' }

export function resetMagic(): Magic {
  return {
    name: 'reset',
    summary:
      'Removes all names that cells declared, and `Out`; built-in names are again what they were.',
    line: {
      usage: '%reset [flags]',
      flags: [FORCE],
      words: 0,
      run({ flags, words: [rest] }) {
        if (rest !== undefined) throw new UsageError(`%reset takes no words, got ${rest}`)
        return Promise.resolve({ action: 'reset', force: flags.has('force') })
      },
    },
  }
}
