// `%lsmagic`: every magic of the table with the first line of its help.
import type { Magic } from './magic.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'

export function lsmagic(magics: () => readonly Magic[]): Magic {
  return {
    name: 'lsmagic',
    summary: 'Lists the magics.',
    line: {
      usage: '%lsmagic',
      flags: [],
      words: 0,
      run({ words }, context) {
        if (words.length > 0) throw new UsageError('Usage: %lsmagic')
        context.notice(`${magicRows(magics())}\nHelp of one: %post? or %%post?`)
        return Promise.resolve()
      },
    },
  }
}

/** `%sh  Runs a shell command…`, one row for each magic and way to call it. */
export function magicRows(magics: readonly Magic[]): string {
  const rows = magics.flatMap((magic) => [
    ...(magic.line === undefined ? [] : [[`%${magic.name}`, magic.summary] as const]),
    ...(magic.cell === undefined ? [] : [[`%%${magic.name}`, magic.summary] as const]),
  ])
  const width = Math.max(...rows.map(([name]) => name.length))
  return rows.map(([name, summary]) => `${name.padEnd(width)}  ${summary}`).join('\n')
}
