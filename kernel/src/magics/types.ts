// `%types`: what becomes of errors that the type checker finds in a cell.
import { wordsNamed } from './flag-names.ts'
import type { Magic } from './magic.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'

/** `warn`: they are shown after the cell. `error`: a cell with any does not run. */
export type TypesMode = 'warn' | 'error' | 'off'

const WORDS: Readonly<Record<TypesMode, string>> = {
  warn: 'type errors of a cell are shown below it',
  error: 'a cell with type errors does not run',
  off: 'type errors are not looked for; completion knows types all the same',
}

/** One for a notebook, until its kernel is restarted. */
export interface TypesSetting {
  mode: TypesMode
  /** False if the kernel's settings switch types off altogether. */
  readonly isAvailable: boolean
}

/** @param log - Gets a line about a value that is none. */
export function typesSetting(
  { JUPYTERPOST_TYPES: value = '' }: NodeJS.ProcessEnv,
  log: (line: string) => void,
): TypesSetting {
  if (isMode(value)) return { mode: value, isAvailable: value !== 'off' }
  if (value !== '' && value !== 'on') {
    log(`JUPYTERPOST_TYPES is warn, error or off, not ${JSON.stringify(value)}: warn is used`)
  }
  return { mode: 'warn', isAvailable: true }
}

export function typesMagic(setting: TypesSetting): Magic {
  return {
    name: 'types',
    summary:
      'Shows type errors below a cell (`warn`), refuses to run a cell with any (`error`), or neither (`off`).',
    line: {
      usage: '%types [warn|error|off]',
      flags: [],
      words: 1,
      run({ words: [typed = '', rest] }, context) {
        const word = typed.trim()
        if (rest !== undefined || (word !== '' && !isMode(word))) {
          throw new UsageError(`Expected warn, error or off, not ${[typed, rest].join(' ').trim()}`)
        }
        if (!setting.isAvailable) {
          throw new UsageError(
            'This kernel was started with JUPYTERPOST_TYPES=off: it has no types',
          )
        }
        if (isMode(word)) setting.mode = word
        context.stream('stdout', `types: ${setting.mode} - ${WORDS[setting.mode]}\n`)
        return Promise.resolve()
      },
    },
    complete: (text) => Promise.resolve(wordsNamed(text, Object.keys(WORDS))),
  }
}

function isMode(word: string): word is TypesMode {
  return Object.hasOwn(WORDS, word)
}
