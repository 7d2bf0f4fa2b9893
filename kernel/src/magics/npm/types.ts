// Packages that bring no types of their own: those of DefinitelyTyped (`@types/x`) are added, in
// the version that describes the package, if there are any.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isObject } from '../../protocol/json.ts'
import type { Surroundings } from '../magic.ts'
import type { Dependency } from './dependencies.ts'
import { readManifest } from './project.ts'
import { view } from './versions.ts'

/** How deep `exports` is looked into. */
const DEEPEST = 6

/** The name of the types of a package. */
export function typesName(name: string): string {
  return `@types/${name.startsWith('@') ? name.slice(1).replace('/', '__') : name}`
}

/** What to add for the packages; none for those that bring types. */
export async function missingTypes(
  packages: readonly Dependency[],
  known: ReadonlyMap<string, unknown>,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<string[]> {
  const untyped = packages.filter(
    ({ name, folder }) =>
      folder !== undefined &&
      !name.startsWith('@types/') &&
      !known.has(typesName(name)) &&
      !bringsTypes(folder),
  )
  const found = await Promise.all(untyped.map((one) => typesSpec(one, surroundings, signal)))
  return found.filter((spec) => spec !== undefined)
}

async function typesSpec(
  { name, installed = '' }: Dependency,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<string | undefined> {
  const types = typesName(name)
  const [major = ''] = installed.split('.')
  for (const spec of [`${types}@${major}`, types]) {
    const answer = await view([spec, 'name', 'deprecated'], surroundings, signal)
    if (answer === undefined) continue
    const last: unknown = Array.isArray(answer) ? answer.at(-1) : answer
    // A stub that says that the package brings its own.
    return isObject(last) && last['deprecated'] !== undefined ? undefined : spec
  }
  return undefined
}

function bringsTypes(folder: string): boolean {
  const { types, typings, main, exports } = readManifest(join(folder, 'package.json'))
  if (typeof types === 'string' || typeof typings === 'string') return true
  const entry = typeof main === 'string' ? main : 'index.js'
  return hasDeclarations(folder, entry) || declaredIn(exports, folder, 0)
}

function declaredIn(exports: unknown, folder: string, depth: number): boolean {
  if (typeof exports === 'string') return hasDeclarations(folder, exports)
  if (!isObject(exports) || depth > DEEPEST) return false
  return Object.entries(exports).some(
    ([key, value]) =>
      key === 'types' || (key !== './package.json' && declaredIn(value, folder, depth + 1)),
  )
}

/** A declaration file, or one beside the JavaScript. */
function hasDeclarations(folder: string, file: string): boolean {
  if (/\.d\.[cm]?ts$/.test(file)) return true
  const stem = file.replace(/\.([cm]?)js$/, '')
  const kind = /\.([cm])js$/.exec(file)?.[1] ?? ''
  return [`${stem}.d.${kind}ts`, join(file, 'index.d.ts')].some((one) =>
    existsSync(join(folder, one)),
  )
}
