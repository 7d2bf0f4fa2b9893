// The direct dependencies of a project, and which versions of them are installed.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { isObject } from '../../protocol/json.ts'
import { readManifest, upwards } from './project.ts'
import type { Project } from './project.ts'

export interface Dependency {
  name: string
  /** As `package.json` has it. */
  wanted: string
  /** Undefined if it is not installed. */
  installed: string | undefined
  /** Its folder, if it is installed. */
  folder: string | undefined
  isDev: boolean
}

/** By name. */
export function dependenciesOf({ folder, file }: Project): Map<string, Dependency> {
  const manifest = readManifest(file)
  const found = new Map<string, Dependency>()
  const fields = [manifest.devDependencies, manifest.optionalDependencies, manifest.dependencies]
  for (const [index, field] of fields.entries()) {
    for (const [name, wanted] of Object.entries(isObject(field) ? field : {})) {
      const at = installedFolder(name, folder)
      const installed = at === undefined ? undefined : versionIn(at)
      const isDev = index === 0
      found.set(name, { name, wanted: String(wanted), installed, folder: at, isDev })
    }
  }
  return new Map([...found].toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

/** Where a module of this folder finds the package. */
function installedFolder(name: string, folder: string): string | undefined {
  return upwards(folder)
    .map((at) => join(at, 'node_modules', name))
    .find((at) => existsSync(join(at, 'package.json')))
}

function versionIn(folder: string): string | undefined {
  const { version } = readManifest(join(folder, 'package.json'))
  return typeof version === 'string' ? version : undefined
}
