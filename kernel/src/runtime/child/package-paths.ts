// Where packages are, by the paths of their files, and what kind of module a file of them is, read
// from the disk: Node remembers each `package.json` that it has read.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { JSON } from '../../api/primordials.ts'

const FOLDER = '/node_modules/'

export interface PackagePlace {
  /** Its folder, with `node_modules/` and its name at the end. */
  folder: string
  name: string
  /** The file, from the folder; empty for the package itself. */
  inner: string
}

/** @param file - Its path or URL. Undefined for one that is in no package. */
export function packageOf(file: string): PackagePlace | undefined {
  const at = file.lastIndexOf(FOLDER)
  if (at < 0) return undefined
  const inner = file.slice(at + FOLDER.length)
  const name = nameIn(inner)
  const folder = file.slice(0, at + FOLDER.length) + name
  return { folder, name, inner: inner.slice(name.length + 1) }
}

/** Where a module of this folder finds what it calls `specifier`. */
export function findPackage(specifier: string, from: string): PackagePlace | undefined {
  const name = nameIn(specifier)
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name)
    if (basename(at) !== 'node_modules' && existsSync(folder)) {
      return { folder, name, inner: '' }
    }
    if (dirname(at) === at) return undefined
  }
}

/** Changes when another version is there; empty if there is none. */
export function stateOf(folder: string): string {
  const stats = statSync(join(folder, 'package.json'), { throwIfNoEntry: false, bigint: true })
  return stats ? `${stats.ino} ${stats.mtimeNs} ${stats.ctimeNs} ${stats.size}` : ''
}

/** Undefined where Node finds out without a `package.json`. */
export function formatOf(file: string): 'module' | 'commonjs' | undefined {
  if (extname(file) !== '.js') return undefined
  for (let at = dirname(file); basename(at) !== 'node_modules'; at = dirname(at)) {
    const manifest = join(at, 'package.json')
    if (existsSync(manifest)) return isModule(manifest) ? 'module' : 'commonjs'
    if (dirname(at) === at) break
  }
  return 'commonjs'
}

function isModule(manifest: string): boolean {
  const content: unknown = JSON.parse(readFileSync(manifest, 'utf8'))
  return (
    typeof content === 'object' &&
    content !== null &&
    'type' in content &&
    content.type === 'module'
  )
}

/** `x` of `x/y`, `@s/x` of `@s/x/y`. */
function nameIn(path: string): string {
  const [first = '', second = ''] = path.split('/')
  return first.startsWith('@') ? `${first}/${second}` : first
}
