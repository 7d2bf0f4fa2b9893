// Which files belong to the person: all but those of packages and of this kernel.
import { fileURLToPath } from 'node:url'
import { Set, URL } from '../../api/primordials.ts'
import { isOwnFile } from '../stack-frames.ts'

const TYPESCRIPT: ReadonlySet<string> = new Set(['.ts', '.tsx', '.mts', '.cts'])
const JAVASCRIPT: ReadonlySet<string> = new Set(['.js', '.jsx', '.mjs', '.cjs'])
const DATA: ReadonlySet<string> = new Set(['.json', '.wasm'])

/** The path of a file that a person may have written; undefined for any other module. */
export function localPath(url: string | undefined): string | undefined {
  if (url === undefined || !url.startsWith('file:')) return undefined
  if (url.includes('/node_modules/') || isOwnFile(url)) return undefined
  return fileURLToPath(new URL(url))
}

/** Needs lowering before Node understands all of it. */
export function isTypeScript(path: string): boolean {
  return TYPESCRIPT.has(endingOf(path)) || path.endsWith('.jsx')
}

/** Can be imported, and so be edited and imported again. */
export function isModuleFile(path: string): boolean {
  const ending = endingOf(path)
  return TYPESCRIPT.has(ending) || JAVASCRIPT.has(ending) || DATA.has(ending)
}

export function endingOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot <= 0 ? '' : name.slice(dot)
}
