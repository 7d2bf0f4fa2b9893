// The path of the package's command, which starts the relay of this machine: `.ts` in a clone,
// `.js` in the package. Nothing is imported from it.
import { extname, join } from 'node:path'

export const relayProgram = join(
  import.meta.dirname,
  `../../cli/main${extname(import.meta.filename)}`,
)
