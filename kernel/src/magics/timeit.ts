// `%timeit CODE` and `%%timeit`: how long code takes, from many runs of it.
import type { Magic } from './magic.ts'

const FLAGS = [
  {
    name: '--loops',
    short: '-n',
    value: 'N',
    description: 'loops of each run; without it as many as take 0.2 s',
  },
  { name: '--repeat', short: '-r', value: 'N', description: 'runs, 7 without it' },
  { name: '--quiet', short: '-q', description: 'print nothing' },
]

export function timeitMagic(): Magic {
  return {
    name: 'timeit',
    summary: 'Runs code many times and prints mean and deviation; a promise is waited for.',
    line: { usage: '%timeit [flags] CODE', flags: FLAGS, isCode: true },
    cell: {
      usage: '%%timeit [flags] [CODE THAT RUNS BEFORE]',
      flags: FLAGS,
      words: 0,
      asTyped: true,
      run: ({ words: [line = ''] }, context) =>
        context.run(context.body, { how: 'repeated', line, flags: FLAGS }),
    },
  }
}
