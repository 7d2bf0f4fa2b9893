// The ways in which a question to the person may end without an answer.
import { types } from 'node:util'

/** Whether the person ended the input (Ctrl-D) instead of answering. */
export function isEndOfInput(error: unknown): boolean {
  return types.isNativeError(error) && error.name === 'EndOfInputError'
}

/** Whether a question failed because nobody answers. */
export function isUnanswered(error: unknown): boolean {
  return (
    isEndOfInput(error) || (types.isNativeError(error) && error.name === 'StdinNotAllowedError')
  )
}
