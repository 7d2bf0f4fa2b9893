// Whose elements JSX makes in a folder: those of the library that its project names, or our own.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { FOLDERS_JSX } from '../../cell/jsx-options.ts'
import { JSON, Reflect } from '../../api/primordials.ts'

const LIBRARIES = ['react', 'preact', 'vue'] as const
const DEPENDENCIES = ['dependencies', 'devDependencies', 'peerDependencies'] as const

export const OWN_JSX = 'jupyterpost/jsx-runtime'

/**
 * What the compiler's import of a JSX runtime means in a folder; other specifiers stay as they are.
 * Asked anew for each cell: `%npm add react` counts from the next one on.
 */
export function jsxSpecifier(specifier: string, folder: string): string {
  if (!specifier.startsWith(FOLDERS_JSX)) return specifier
  const library = libraryOf(folder)
  return library === undefined ? OWN_JSX : library + specifier.slice(FOLDERS_JSX.length)
}

/** The first project upwards that names one of them and has it installed. */
function libraryOf(folder: string): string | undefined {
  const named = dependenciesOf(join(folder, 'package.json'))
  const found = LIBRARIES.find((library) => named.has(library) && isInstalled(folder, library))
  if (found !== undefined) return found
  const above = dirname(folder)
  return above === folder ? undefined : libraryOf(above)
}

function dependenciesOf(file: string): { has(name: string): boolean } {
  let project: unknown
  try {
    project = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // There is none, or it is no JSON: npm says so.
  }
  return {
    has: (name) =>
      DEPENDENCIES.some((kind) => {
        const list: unknown = isObject(project) ? Reflect.get(project, kind) : undefined
        return isObject(list) && Reflect.getOwnPropertyDescriptor(list, name) !== undefined
      }),
  }
}

function isInstalled(folder: string, library: string): boolean {
  try {
    createRequire(join(folder, 'notebook.ts')).resolve(`${library}/jsx-runtime`)
    return true
  } catch {
    // Named and not installed.
    return false
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
