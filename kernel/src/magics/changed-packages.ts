// Which `package.json` an npm command changed: npm takes the nearest one above the folder, which people do not expect when their own folder has none.
import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Whether a line may run npm. */
const NPM = /\bnp[mx]\b/

/** Looks before a command runs. @returns What says afterwards, in a line, which it changed; undefined for none. */
export function notePackages(command: string, folder: string): () => string | undefined {
  if (!NPM.test(command)) return () => undefined
  const files: string[] = []
  for (let at = folder; ; at = dirname(at)) {
    files.push(join(at, 'package.json'))
    if (dirname(at) === at) break
  }
  const before = files.map(stateOf)
  return () => {
    const index = files.findIndex((file, i) => stateOf(file) !== before[i])
    if (index === -1) return undefined
    return `npm ${before[index] === '' ? 'made' : 'changed'} ${files[index]}`
  }
}

/** Empty if there is none. */
function stateOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false, bigint: true })
  return stats ? [stats.mtimeNs, stats.size, stats.ino].join(' ') : ''
}
