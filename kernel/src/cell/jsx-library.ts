// Whose elements JSX makes in a folder: those of the library that its project names, or our own.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { property, readConfig } from './json-config.ts'

const LIBRARIES = ['react', 'preact', 'vue'] as const
const DEPENDENCIES = ['dependencies', 'devDependencies', 'peerDependencies'] as const

/** Of the first project upwards that names one of them and has it installed. */
export function jsxLibrary(folder: string): string | undefined {
  const project = readConfig(join(folder, 'package.json'))
  const found = LIBRARIES.find(
    (library) =>
      DEPENDENCIES.some((kind) => {
        const list = project && property(project, kind)
        return list !== undefined && property(list, library) !== undefined
      }) && isInstalled(folder, library),
  )
  if (found !== undefined) return found
  const above = dirname(folder)
  return above === folder ? undefined : jsxLibrary(above)
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
