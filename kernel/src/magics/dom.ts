// `%dom on|off`: a global `document` and `window`, for libraries that look for them. Cells have a
// `document` without it.
import { wordsNamed } from './flag-names.ts'
import type { Magic } from './magic.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'

const STATES = ['on', 'off'] as const

export function domMagic(): Magic {
  return {
    name: 'dom',
    summary:
      'Makes `document` and `window` global, for libraries that read them; `%dom off` removes them.',
    line: {
      usage: '%dom [on|off]',
      flags: [],
      words: 0,
      run({ words: [typed = ''] }) {
        const word = typed.trim()
        const state = STATES.find((one) => one === word)
        if (state === undefined && word !== '') {
          throw new UsageError(`Expected on or off, got ${word}`)
        }
        return Promise.resolve({ action: 'dom', state })
      },
    },
    complete: (text) => Promise.resolve(wordsNamed(text, STATES)),
  }
}
