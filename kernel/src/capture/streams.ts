// The text of a cell's streams as a post shows it.
import { progressText } from '../../../post/text/progress-text.ts'
import type { CapturedOutput } from './outputs.ts'

type Stream = Extract<CapturedOutput, { type: 'stream' }>

/**
 * Joins streams that follow each other, so that a line is not torn where it was flushed. Without
 * stderr, its progress bars are shown: where it ended, as they were in the end.
 */
export function shownStreams(
  outputs: readonly CapturedOutput[],
  withStderr: boolean,
): CapturedOutput[] {
  return joined(withStderr ? outputs : onlyProgress(outputs))
}

/** The outputs, with nothing of stderr but its bars. */
function onlyProgress(outputs: readonly CapturedOutput[]): CapturedOutput[] {
  const texts = outputs.filter(isStderr)
  const text = progressText(texts.map((output) => output.text).join(''))
  const end = texts.at(-1)
  return outputs.flatMap((output): CapturedOutput[] => {
    if (!isStderr(output)) return [output]
    return output === end && text !== '' ? [{ ...output, text }] : []
  })
}

function isStderr(output: CapturedOutput): output is Stream {
  return output.type === 'stream' && output.name === 'stderr'
}

function joined(outputs: readonly CapturedOutput[]): CapturedOutput[] {
  const whole: CapturedOutput[] = []
  for (const output of outputs) {
    const last = whole.at(-1)
    if (output.type === 'stream' && last?.type === 'stream' && last.name === output.name)
      whole[whole.length - 1] = { ...last, text: last.text + output.text }
    else whole.push(output)
  }
  return whole
}
