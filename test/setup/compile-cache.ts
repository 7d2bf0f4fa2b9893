// Lets the programs that tests start compile each source only once, not at each start: compiling is
// half the work of starting a kernel.
import { join } from 'node:path'

export const COMPILE_CACHE = join(import.meta.dirname, '../../.state/compile-cache')
