// Standard input: whether somebody pipes something in, and its text.
import { fstatSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { UsageError } from '../post/arguments/usage-error.ts'

/** True for a pipe or a file, false for a terminal or /dev/null. */
export function isPipe(): boolean {
  try {
    const input = fstatSync(0)
    return input.isFIFO() || input.isSocket() || input.isFile()
  } catch {
    return false // EBADF: the program was started without one.
  }
}

/** All of it, without the blanks at its end. @throws {UsageError} if it is not text */
export async function pipedText(): Promise<string> {
  const bytes = await buffer(process.stdin)
  if (bytes.includes(0))
    throw new UsageError('Standard input is no text: attach a file with --attach')
  return bytes.toString('utf8').trimEnd()
}
