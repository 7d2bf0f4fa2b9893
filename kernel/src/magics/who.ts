// `%who` and `%whos`: the names that the cells have declared. No code of their values runs.
import type { Magic, MagicLine } from './magic.ts'

export function whoMagics(): Magic[] {
  return [
    {
      name: 'who',
      summary: 'Prints the names that cells declared, all or those of some types.',
      line: namesLine('who', false),
    },
    {
      name: 'whos',
      summary: 'Prints the names that cells declared, with type and value.',
      line: namesLine('whos', true),
    },
  ]
}

function namesLine(name: string, detailed: boolean): MagicLine {
  return {
    usage: `%${name} [TYPE...]`,
    flags: [],
    words: 0,
    run({ words: [types = ''] }) {
      const wanted = types.split(/\s+/).filter((type) => type !== '')
      return Promise.resolve({ action: 'names', detailed, types: wanted })
    },
  }
}
