// `%time CODE` and `%%time`: how long code took, by the clock and of the processor. The process of
// the cells measures it, so that the way between the processes does not count.
import type { Magic } from './magic.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'

export function timeMagic(): Magic {
  return {
    name: 'time',
    summary: 'Runs code once and prints how long it took; a promise is waited for.',
    line: { usage: '%time CODE', flags: [], isCode: true },
    cell: {
      usage: '%%time',
      flags: [],
      words: 0,
      asTyped: true,
      run({ words: [code] }, context) {
        if (code !== undefined) throw new UsageError('The code for %%time is in the lines below it')
        return context.run(context.body, { how: 'timed' })
      },
    },
  }
}
