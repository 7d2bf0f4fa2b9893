// Tells which `package.json` an npm command changed. npm takes the nearest one in the folder or
// above it, which surprises people whose own folder has none.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { upwards } from './npm/project.ts'

/** Finds out whether a line may run npm. */
const NPM = /\bnp[mx]\b/

/**
 * Call before the command runs.
 * @returns A function that tells afterwards, in one line, which file was changed; undefined if none
 *   was.
 */
export function notePackages(command: string, folder: string): () => string | undefined {
  if (!NPM.test(command)) return () => undefined
  const files = upwards(folder).map((at) => join(at, 'package.json'))
  const before = files.map(stateOf)
  return () => {
    const index = files.findIndex((file, i) => stateOf(file) !== before[i])
    if (index === -1) return undefined
    return `npm ${before[index] === '' ? 'made' : 'changed'} ${files[index]}`
  }
}

/** Empty if there is no such file. */
function stateOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false, bigint: true })
  return stats ? [stats.mtimeNs, stats.size, stats.ino].join(' ') : ''
}
