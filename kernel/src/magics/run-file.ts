// `%run FILE`: runs a TypeScript or JavaScript file anew, as a module of its own folder. What it
// exports are names of the notebook from then on. A notebook is run by cells/run-notebook.ts.
import { extname } from 'node:path'
import { statSync } from 'node:fs'
import { completeFile, pathOf } from './files.ts'
import { lastWord } from './flag-names.ts'
import { NOTEBOOK } from './notebook-file.ts'
import type { Magic, Surroundings } from './magic.ts'
import { tokenize } from './tokens.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'

const ENDINGS: ReadonlySet<string> = new Set('.ts .tsx .mts .cts .js .jsx .mjs .cjs'.split(' '))

/** @param surroundings - For completion: as the last magic found them. */
export function runFileMagic(surroundings: () => Surroundings): Magic {
  return {
    name: 'run',
    summary:
      'Runs a file, and what it exports become names of the notebook; or the cells of another notebook.',
    line: {
      usage: '%run FILE [ARGUMENTS]',
      flags: [],
      words: 0,
      asTyped: true,
      run({ words: [typed = ''] }, context) {
        const [file, ...args] = tokenize(typed).map(({ text }) => text)
        if (file === undefined) throw new UsageError('Expected the name of a file')
        const path = pathOf(file, context.surroundings)
        const stats = statSync(path, { throwIfNoEntry: false })
        if (!stats) throw new UsageError(`There is no file ${path}`)
        if (extname(path) === NOTEBOOK) {
          throw new UsageError('%run of a notebook stands alone in its cell')
        }
        if (!stats.isFile() || !ENDINGS.has(extname(path))) {
          throw new UsageError(
            `Expected a file that ends in ${[...ENDINGS].join(', ')}, got ${file}`,
          )
        }
        return Promise.resolve({ action: 'run', path, args })
      },
    },
    complete: (text) => Promise.resolve(completeFile(lastWord(text), surroundings(), isOffered)),
  }
}

function isOffered(name: string): boolean {
  return ENDINGS.has(extname(name)) || extname(name) === NOTEBOOK
}
