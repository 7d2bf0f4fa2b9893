// The project that packages are installed into: the nearest folder with a `package.json`, from the
// notebook's upwards, which is where imports of cells look as well.
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { isObject } from '../../protocol/json.ts'
import { NpmError } from './npm-error.ts'

export interface Manifest {
  version?: unknown
  packageManager?: unknown
  workspaces?: unknown
  dependencies?: unknown
  devDependencies?: unknown
  optionalDependencies?: unknown
  [field: string]: unknown
}

export interface Project {
  folder: string
  /** Of its `package.json`. */
  file: string
  /** Ends a `package.json` that was made for this command, if it stands as it was made. */
  undo(): void
}

/** Undefined if neither the folder nor one above it has one. */
export function nearestProject(folder: string): Project | undefined {
  for (const at of upwards(folder)) {
    const file = join(at, 'package.json')
    if (basename(at) !== 'node_modules' && existsSync(file)) {
      return { folder: at, file, undo: () => undefined }
    }
  }
  return undefined
}

export function makeProject(folder: string): Project {
  const file = join(folder, 'package.json')
  if (existsSync(file)) return { folder, file, undo: () => undefined }
  // With "type", JavaScript files that are CommonJS would no longer load.
  const isEmpty = !readdirSync(folder).some((name) => name.endsWith('.js'))
  const manifest = { private: true, ...(isEmpty ? { type: 'module' } : {}) }
  const text = `${JSON.stringify(manifest, null, 2)}\n`
  writeFileSync(file, text)
  return {
    folder,
    file,
    undo() {
      if (textOf(file) === text) rmSync(file)
    },
  }
}

/** @throws {NpmError} that names the file, if it holds no JSON object. */
export function readManifest(file: string): Manifest {
  const text = readFileSync(file, 'utf8')
  try {
    const manifest: unknown = JSON.parse(text)
    if (isObject(manifest)) return manifest
  } catch (error) {
    const why = Error.isError(error) ? error.message : String(error)
    throw new NpmError(`${file} is no JSON, so nothing can be installed: ${why}`, { cause: error })
  }
  throw new NpmError(`${file} is no JSON object, so nothing can be installed`)
}

/** The folder, then those above it. */
export function upwards(folder: string): string[] {
  const parent = dirname(folder)
  return parent === folder ? [folder] : [folder, ...upwards(parent)]
}

/** Undefined if there is no such file. */
export function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}
