// `%autoreload on`: before each cell, names that were imported from local modules are those of the
// files as they are now. The process of the cells does it.
import { wordsNamed } from './flag-names.ts'
import type { Magic } from './magic.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'

const WORDS = ['on', 'off']

export function autoreloadMagic(): Magic {
  return {
    name: 'autoreload',
    summary:
      'Renews what was imported from edited local modules before each cell; without a word, tells whether it does.',
    line: {
      usage: '%autoreload [on|off]',
      flags: [],
      words: 0,
      asTyped: true,
      run({ words: [word] }) {
        if (word === undefined) return Promise.resolve({ action: 'autoreload' })
        if (!WORDS.includes(word)) throw new UsageError(`Expected on or off, got ${word}`)
        return Promise.resolve({ action: 'autoreload', isOn: word === 'on' })
      },
    },
    complete: (text) => Promise.resolve(wordsNamed(text, WORDS)),
  }
}
