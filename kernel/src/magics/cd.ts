// `%cd FOLDER`: as `process.chdir()`, so that files, shell lines and magics use the new folder.
// Imports still resolve from the folder of the notebook: they mean the same wherever it is run.
import { statSync } from 'node:fs'
import { completeFile, pathOf } from './files.ts'
import { lastWord } from './flag-names.ts'
import type { Magic, Surroundings } from './magic.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'

/** @param surroundings - For completion: as the last magic found them. */
export function cdMagic(surroundings: () => Surroundings): Magic {
  let before: string | undefined
  return {
    name: 'cd',
    summary:
      'Changes the current folder of the notebook: `%cd` goes home, `%cd -` back. Imports stay as they are.',
    line: {
      usage: '%cd [FOLDER]',
      flags: [],
      words: 0,
      asTyped: true,
      run({ words: [typed = '~'] }, context) {
        if (typed === '-' && before === undefined) {
          throw new UsageError('There is no folder to go back to')
        }
        const here = context.surroundings.folder
        const folder =
          typed === '-' && before !== undefined ? before : pathOf(typed, context.surroundings)
        const stats = statSync(folder, { throwIfNoEntry: false })
        if (!stats) throw new UsageError(`There is no folder ${folder}`)
        if (!stats.isDirectory()) throw new UsageError(`${folder} is no folder`)
        before = here
        context.stream('stdout', `${folder}\n`)
        return Promise.resolve({ action: 'folder', folder })
      },
    },
    complete: (text) => Promise.resolve(completeFile(lastWord(text), surroundings(), () => false)),
  }
}
