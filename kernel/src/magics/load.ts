// `%load FILE`: the text of a file in place of this cell, to be changed and run.
import { completeFile, pathOf, readText } from './files.ts'
import { lastWord } from './flag-names.ts'
import type { Magic, Surroundings } from './magic.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'

/** @param surroundings - For completion: as the last magic found them. */
export function loadMagic(surroundings: () => Surroundings): Magic {
  return {
    name: 'load',
    summary: 'Puts the text of a file into this cell.',
    line: {
      usage: '%load FILE',
      flags: [],
      words: 0,
      asTyped: true,
      run({ words: [typed] }, context) {
        if (typed === undefined) throw new UsageError('Expected the name of a file')
        const text = readText(pathOf(typed, context.surroundings))
        context.setNextInput(`// %load ${typed}\n${text}`, true)
        return Promise.resolve()
      },
    },
    complete: (text) => Promise.resolve(completeFile(lastWord(text), surroundings())),
  }
}
