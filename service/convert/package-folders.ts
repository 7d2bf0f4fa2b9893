// What a drawing process may read: the parts of this package that it runs, and the folders with its
// dependencies, wherever npm has put them.
import { existsSync, realpathSync } from 'node:fs'
import { dirname, join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder that contains `service/` and `post/`: the clone, or `dist/` of the package. */
const BUILT = fileURLToPath(new URL('../../', import.meta.url))

/** @param program - The file that the process runs. */
export function readableFolders(program: string): string[] {
  const built = [dirname(program), join(BUILT, 'service', 'convert'), join(BUILT, 'post')]
  return [...new Set([...built, ...manifests(), ...dependencyFolders()])].filter((path) =>
    existsSync(path),
  )
}

/** Node reads the nearest `package.json` above a file to learn which kind of module it is. */
function manifests(): string[] {
  return [join(BUILT, 'package.json'), join(BUILT, '..', 'package.json')]
}

/**
 * In a clone: its `node_modules`. In an installed package: its own, and the outermost that contains
 * the package, because npm moves dependencies there and pnpm keeps its store in it.
 */
function dependencyFolders(): string[] {
  const own = [join(BUILT, 'node_modules'), join(BUILT, '..', 'node_modules')]
  const parts = BUILT.split(sep)
  const outermost = parts.indexOf('node_modules')
  const above = outermost === -1 ? [] : [parts.slice(0, outermost + 1).join(sep)]
  // If a folder is a link, its target must be readable too: Node looks at both.
  return [...own, ...above]
    .filter((path) => existsSync(path))
    .flatMap((path) => [path, realpathSync(path)])
}
