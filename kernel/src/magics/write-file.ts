// `%%writefile FILE`: the body of the cell becomes a file.
import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { completeFile, pathOf, refuseSpecial } from './files.ts'
import { flagsNamed, lastWord } from './flag-names.ts'
import type { Magic, Surroundings } from './magic.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'

const APPEND = { name: '--append', short: '-a', description: 'add to the end of the file' }

/** @param surroundings - For completion: as the last magic found them. */
export function writeFileMagic(surroundings: () => Surroundings): Magic {
  return {
    name: 'writefile',
    summary: 'Writes the cell, without this line, into a file.',
    cell: {
      usage: '%%writefile [flags] FILE',
      flags: [APPEND],
      words: 1,
      async run({ flags, words: [typed, rest] }, context) {
        if (typed === undefined) throw new UsageError('Expected the name of a file')
        if (rest !== undefined) {
          throw new UsageError(
            `Expected one FILE, got ${rest} too: put quotes around a name with blanks`,
          )
        }
        const path = pathOf(await context.interpolate(typed), await context.surroundings())
        refuseSpecial(path)
        const text = context.body.endsWith('\n') ? context.body : `${context.body}\n`
        const exists = existsSync(path)
        const isAppending = flags.has('append')
        if (isAppending) appendFileSync(path, text)
        else writeFileSync(path, text)
        const what = !exists ? 'Writing' : isAppending ? 'Appending to' : 'Overwriting'
        context.stream('stdout', `${what} ${typed}\n`)
        return { status: 'ok' }
      },
    },
    complete(text) {
      const word = lastWord(text)
      const flags = flagsNamed(word, [APPEND])
      return Promise.resolve(flags.length > 0 ? flags : completeFile(word, surroundings()))
    },
  }
}
