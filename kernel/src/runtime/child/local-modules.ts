// How an import of a local file or of a cell finds its module, and what Node then loads: as a
// TypeScript project does it. Cells and workers use it alike.
import { isBuiltin } from 'node:module'
import type {
  LoadFnOutput,
  LoadHookContext,
  ResolveFnOutput,
  ResolveHookContext,
} from 'node:module'
import { dirname, resolve as resolvePath } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { types } from 'node:util'
import { Reflect, URL, listOf } from '../../api/primordials.ts'
import { fileFor, fileNotFound } from './file-resolution.ts'
import { isJson, jsonModule, withoutAttribute } from './json-modules.ts'
import { isTypeScript, localPath } from './local-files.ts'
import type { Projects } from './project.ts'
import { moduleBetween } from './reexports.ts'
import { lowerFile } from './typescript-files.ts'

export type Resolve = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput
export type Load = (url: string, context?: Partial<LoadHookContext>) => LoadFnOutput

/** Whether `require` asks, rather than an import. */
export function isRequired({ conditions }: { conditions: readonly string[] }): boolean {
  return listOf(conditions).includes('require')
}

export class LocalModules {
  readonly #projects: Projects
  readonly #notebook: string | undefined

  /** @param notebook - The file in whose name cells import. */
  constructor(projects: Projects, notebook?: string) {
    this.#projects = projects
    this.#notebook = notebook
  }

  resolve(specifier: string, context: ResolveHookContext, next: Resolve): ResolveFnOutput {
    const importer = localPath(context.parentURL)
    if (importer === undefined || isBuiltin(specifier)) return next(specifier, context)
    const found = this.#find(specifier, importer, { context, next })
    return isRequired(context) ? found : withoutAttribute(found, context)
  }

  #find(
    specifier: string,
    importer: string,
    { context, next }: { context: ResolveHookContext; next: Resolve },
  ): ResolveFnOutput {
    const required = isRequired(context)
    const go = (file: string, rest = ''): ResolveFnOutput =>
      next(required ? file : `${pathToFileURL(file).href}${rest}`, context)
    if (isPath(specifier)) {
      const { path, rest } = pathIn(specifier, importer, required)
      const file = fileFor(path)
      if (file !== undefined) return go(file, rest)
      const from = importer === this.#notebook ? undefined : importer
      const code = required ? 'MODULE_NOT_FOUND' : 'ERR_MODULE_NOT_FOUND'
      throw fileNotFound({ specifier, path, importer: from }, code)
    }
    const mapped = this.#mapped(specifier, importer)
    if (mapped !== undefined) return go(mapped)
    try {
      return next(specifier, context)
    } catch (error) {
      const file = sourceOf(error)
      if (file === undefined) throw error
      return go(file)
    }
  }

  load(url: string, context: LoadHookContext, next: Load): LoadFnOutput {
    const between = moduleBetween(url)
    if (between !== undefined) return { format: 'module', source: between, shortCircuit: true }
    if (isJson(url)) return jsonModule(url)
    const path = localPath(url)
    if (path === undefined || !isTypeScript(path)) return next(url, context)
    return { ...this.lower(path), shortCircuit: true }
  }

  /** @param commonJs - Also where the file has imports and exports. */
  lower(path: string, commonJs = false): { source: string; format: 'module' | 'commonjs' } {
    return lowerFile(path, {
      commonJs,
      options: this.#projects.of(dirname(path))?.options ?? {},
      find: (importer, specifier) =>
        isPath(specifier)
          ? fileFor(pathIn(specifier, importer, false).path)
          : this.#mapped(specifier, importer),
    })
  }

  /** The file that `paths` or `baseUrl` name; a file of declarations is only for the checker. */
  #mapped(specifier: string, importer: string): string | undefined {
    if (specifier.startsWith('#') || /^[a-z]+:/.test(specifier)) return undefined
    for (const path of this.#projects.of(dirname(importer))?.pathsOf(specifier) ?? []) {
      const file = fileFor(path)
      if (file !== undefined && !/\.d\.[cm]?ts$/.test(file)) return file
    }
    return undefined
  }
}

function isPath(specifier: string): boolean {
  return /^(?:\.{0,2}(?:\/|$)|file:)/.test(specifier)
}

/** @param required - `require` takes a path, an import a URL. */
function pathIn(
  specifier: string,
  importer: string,
  required: boolean,
): { path: string; rest: string } {
  if (required && !specifier.startsWith('file:')) {
    const slash = specifier.endsWith('/') ? '/' : ''
    return { path: resolvePath(dirname(importer), specifier) + slash, rest: '' }
  }
  const url = new URL(specifier, pathToFileURL(importer))
  return { path: fileURLToPath(url), rest: url.search + url.hash }
}

/** A package's `imports` may name the compiler's output; Node tells what it looked for. */
function sourceOf(error: unknown): string | undefined {
  if (!types.isNativeError(error)) return undefined
  const url: unknown = Reflect.get(error, 'url')
  const path = typeof url === 'string' ? localPath(url) : undefined
  return path === undefined ? undefined : fileFor(path)
}
