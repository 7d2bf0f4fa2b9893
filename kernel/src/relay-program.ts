// The package's command, which starts the relay of this machine; `.ts` in a clone, `.js` in the package. Nothing of it is imported here.
import { extname, join } from 'node:path'

export const relayProgram = join(
  import.meta.dirname,
  `../../cli/main${extname(import.meta.filename)}`,
)
