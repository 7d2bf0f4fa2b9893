// What a drawing process may read: the parts of this package that it runs, and the folders that hold its dependencies, wherever npm
// has put them.
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** `service/` and `post/` are in it: the clone, or `dist/` of the package. */
const BUILT = fileURLToPath(new URL('../../', import.meta.url))

/** @param program - The file that the process runs. */
export function readableFolders(program: string): string[] {
  const built = [dirname(program), join(BUILT, 'service', 'convert'), join(BUILT, 'post')]
  return [...new Set([...built, ...manifests(), ...dependencyFolders()])].filter((path) =>
    existsSync(path),
  )
}

/** Node reads on its way up which kind of module a file is. */
function manifests(): string[] {
  return [join(BUILT, 'package.json'), join(BUILT, '..', 'package.json')]
}

/**
 * `node_modules` of a clone; of a package, its own and the outermost that it lies in, where npm hoists to and pnpm keeps its store.
 */
function dependencyFolders(): string[] {
  const own = [join(BUILT, 'node_modules'), join(BUILT, '..', 'node_modules')]
  const parts = BUILT.split(sep)
  const outermost = parts.indexOf('node_modules')
  const above = outermost === -1 ? [] : [parts.slice(0, outermost + 1).join(sep)]
  // A folder that is a link counts by what it leads to as well: Node looks at both.
  return [...own, ...above]
    .filter((path) => existsSync(path))
    .flatMap((path) => [path, realpathSync(path)])
}
