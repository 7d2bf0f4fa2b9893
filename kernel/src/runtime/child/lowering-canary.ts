// The process that lowers a file which may end it (deep-files.ts). It prints nothing: exit code 0
// means that it survived.
import type { CanaryTask } from './deep-files.ts'
import { lowerFile } from './typescript-files.ts'

const parseTask: (text: string) => CanaryTask = JSON.parse

const { filename, options, commonJs } = parseTask(process.argv[2] ?? '')
try {
  lowerFile(filename, { options, commonJs, find: () => undefined, isProven: true })
} catch (error) {
  // The notebook's process says what is wrong in the file.
  if (!(error instanceof Error)) throw error
}
