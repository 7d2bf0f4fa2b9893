// Standard input: whether it is a pipe or a file, and its text.
import { fstatSync } from 'node:fs'
import { buffer } from 'node:stream/consumers'
import { UsageError } from '../post/arguments/usage-error.ts'

/** Whether it is a pipe or a file: not a terminal, not /dev/null. */
export function isPipe(): boolean {
  try {
    const input = fstatSync(0)
    return input.isFIFO() || input.isSocket() || input.isFile()
  } catch {
    return false // EBADF: the program was started without standard input
  }
}

/** All of its text, without blanks at the end. @throws {UsageError} if it is not text */
export async function pipedText(): Promise<string> {
  const bytes = await buffer(process.stdin)
  if (bytes.includes(0))
    throw new UsageError('Standard input is not text: attach a file with --attach')
  return bytes.toString('utf8').trimEnd()
}
