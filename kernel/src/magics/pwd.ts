// `%pwd`: the folder that the notebook is in now.
import type { Magic } from './magic.ts'

export function pwdMagic(): Magic {
  return {
    name: 'pwd',
    summary: 'Prints the current folder of the notebook.',
    line: {
      usage: '%pwd',
      flags: [],
      words: 0,
      run(_args, context) {
        context.stream('stdout', `${context.surroundings.folder}\n`)
        return Promise.resolve()
      },
    },
  }
}
