// The environment of all that tests start.
import { COMPILE_CACHE } from './compile-cache.ts'

/** jest calls this before the first test. */
export default function setEnvironment(): void {
  process.env.NODE_COMPILE_CACHE ??= COMPILE_CACHE
  // Most tests read what kernels print; those of colours remove it.
  process.env.NO_COLOR = '1'
}
