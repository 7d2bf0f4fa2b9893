// What the `tsconfig.json` of a file's folder, or of the nearest folder above, says about imports
// and about lowering. The reader is loaded when there is such a file.
import { readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { types } from 'node:util'
import type * as Reader from 'get-tsconfig'
import type * as Parser from 'oxc-parser'
import { Error, Map, Math, Set, String } from '../../api/primordials.ts'

const loadReader: (name: 'get-tsconfig') => typeof Reader = createRequire(import.meta.url)
const loadParser: (name: 'oxc-parser') => typeof Parser = createRequire(import.meta.url)

export type CompilerOptions = NonNullable<Reader.TsConfigJsonResolved['compilerOptions']>

export interface Project {
  options: CompilerOptions
  /** The paths that a name may mean by `paths` and `baseUrl`, best first. */
  pathsOf(name: string): string[]
}

export class Projects {
  readonly #notice: (line: string) => void
  readonly #files = new Map<string, string | undefined>()
  readonly #projects = new Map<string, Project | undefined>()
  readonly #said = new Set<string>()

  /** @param notice - Tells the person, in one line, that a file is ignored. */
  constructor(notice: (line: string) => void) {
    this.#notice = notice
  }

  /** Files may have been edited since. */
  forget(): void {
    this.#files.clear()
    this.#projects.clear()
  }

  of(folder: string): Project | undefined {
    const file = this.#fileOf(folder)
    if (file === undefined) return undefined
    if (!this.#projects.has(file)) this.#projects.set(file, this.#read(file))
    return this.#projects.get(file)
  }

  #fileOf(folder: string): string | undefined {
    if (this.#files.has(folder)) return this.#files.get(folder)
    const file = join(folder, 'tsconfig.json')
    const above = dirname(folder)
    const isHere = statSync(file, { throwIfNoEntry: false })?.isFile() === true
    const found = isHere ? file : above === folder ? undefined : this.#fileOf(above)
    this.#files.set(folder, found)
    return found
  }

  #read(path: string): Project | undefined {
    try {
      refuseBroken(path)
      const { createPathsMatcher, parseTsconfig } = loadReader('get-tsconfig')
      const config = parseTsconfig(path)
      const matcher = createPathsMatcher({ path, config })
      const { compilerOptions: options = {} } = config
      if (typeof options !== 'object') throw new Error('"compilerOptions" is no object')
      return { options, pathsOf: (name) => matcher?.(name) ?? [] }
    } catch (error) {
      const why = types.isNativeError(error) ? error.message : String(error)
      const line = `${path} is ignored: ${why.split('\n').join(' ')}`
      if (!this.#said.has(line)) this.#notice(line)
      this.#said.add(line)
      return undefined
    }
  }
}

/** The reader takes what it understands of broken JSON. JSON with comments is an expression. */
function refuseBroken(path: string): void {
  const text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  if (text.trim() === '') return
  const { errors } = loadParser('oxc-parser').parseSync('tsconfig.js', `(${text}\n)`)
  const [error] = errors
  if (!error) return
  const before = text.slice(0, Math.max((error.labels[0]?.start ?? 1) - 1, 0))
  throw new Error(`line ${before.split('\n').length}: ${error.message}`)
}
