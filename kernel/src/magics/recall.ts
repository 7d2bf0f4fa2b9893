// `%recall LINES`: earlier lines as the text of a new cell below this one, to be changed and run.
import { linesNamed } from './history-lines.ts'
import type { Magic } from './magic.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'

export function recallMagic(): Magic {
  return {
    name: 'recall',
    summary:
      'Puts earlier lines into a new cell: the one before, or lines such as `4-6` and `~1/7`.',
    line: {
      usage: '%recall [LINES...]',
      flags: [],
      words: 0,
      asTyped: true,
      run({ words: [words] }, context) {
        const { history, executionCount } = context
        const lines =
          words === undefined
            ? history.range(0, 0, executionCount).slice(-1)
            : linesNamed(words, history)
        if (lines.length === 0)
          throw new UsageError(`There are no lines ${words ?? 'before this one'}`)
        context.setNextInput(lines.map(({ source }) => source).join('\n'), false)
        return Promise.resolve()
      },
    },
  }
}
