// Imports of cells: resolved from the notebook's folder; `jupyterpost` is this package; a local
// file that was edited, or that failed to load, is loaded anew.
import { createRequire, registerHooks } from 'node:module'
import type { LoadFnOutput } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { TextDecoder } from 'node:util'
import { Script, constants } from 'node:vm'
import { Error, Map, Proxy, Reflect, Set, URL, uncurry } from '../../api/primordials.ts'
import { FOLDERS_JSX } from '../../cell/jsx-options.ts'
import { isMakingDom } from './dom.ts'
import { foreignImport } from './foreign-specifiers.ts'
import { OWN_JSX, jsxSpecifier } from './jsx-specifier.ts'
import { LoadedFiles } from './loaded-files.ts'
import type { Renewed } from './loaded-files.ts'
import { isModuleFile, isTypeScript, localPath } from './local-files.ts'
import { LocalModules, isRequired } from './local-modules.ts'
import { packageOf } from './package-paths.ts'
import { Projects } from './project.ts'
import { isOwnFile } from '../stack-frames.ts'
import { RenewedPackages } from './renewed-packages.ts'
import { placeSyntaxError } from './typescript-files.ts'
import { settled } from './user-promises.ts'

type Import = (specifier: string, options?: ImportCallOptions) => Promise<object>

const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const META = 'jupyterpost:notebook'
/** Of the address of a file that was loaded anew. */
const VERSION = 'jupyterpost'

const runImport: (script: Script) => Import = uncurry(Script.prototype, 'runInThisContext')

/** What `import 'jupyterpost'` gives notebook code: `post` and the names of cells. */
const JUPYTERPOST = new URL(`../../api/index${extension}`, import.meta.url).href
const JSX = new URL(`../../api/jsx-runtime${extension}`, import.meta.url).href

export interface Modules {
  import: Import
  /** Metadata of a module in the notebook's folder. */
  readonly meta: ImportMeta
  require: NodeJS.Require
  /** Names of the packages that were loaded. */
  readonly packages: ReadonlySet<string>
  /** How many times the local file that cells import by this name was loaded anew. */
  versionOf(specifier: string): number | undefined
  /** Looks whether that file was edited, or one that it imports. */
  renew(specifier: string): void
  /** Called by a local module at its end. */
  evaluated(url: string): void
  /** Packages that changed are loaded anew. @returns Their names. */
  renewPackages(): string[]
}

/** The file in whose name cells import; it need not exist. */
export function notebookFile(cwd: string): string {
  return join(cwd, 'notebook.ts')
}

/** @param notice - Tells the person something in one line. */
export function createModules(cwd: string, notice: (line: string) => void): Modules {
  const notebook = notebookFile(cwd)
  /** Files loaded since the import was asked for. */
  const loading = new Set<string>()
  const packages = new Set<string>()
  const metaUrl = `${pathToFileURL(notebook).href}?meta`
  const projects = new Projects(notice)
  const local = new LocalModules(projects, notebook)
  const files = new LoadedFiles((path) => Reflect.deleteProperty(notebookRequire.cache, path))
  /** What cells imported: names and the local files that they mean. */
  const imported = new Map<string, string>()
  /** Before a cell imports this file. */
  const renew = (path: string, { failedToo = true, isRun = false } = {}): void => {
    const all = files.renew(path, failedToo)
    // `%run` loads its file anew each time.
    const renewed = isRun ? all.filter((one) => one.path !== path) : all
    if (renewed.length > 0) notice(noticeOf(renewed))
  }
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === 'jupyterpost') return { url: JUPYTERPOST, shortCircuit: true }
      if (specifier === OWN_JSX) return { url: JSX, shortCircuit: true }
      if (specifier === META) return { url: metaUrl, format: 'module', shortCircuit: true }
      const refused = foreignImport(specifier)
      if (refused !== undefined) throw new Error(refused)
      if (specifier.startsWith(FOLDERS_JSX) && context.parentURL !== undefined) {
        const wanted = jsxSpecifier(specifier, dirname(fileURLToPath(context.parentURL)))
        return wanted === OWN_JSX ? { url: JSX, shortCircuit: true } : next(wanted, context)
      }
      const importer = localPath(context.parentURL)
      if (importer === undefined) return next(specifier, context)
      const found = local.resolve(specifier, context, next)
      const path = localPath(found.url)
      if (path === undefined || !isModuleFile(path)) return found
      if (importer === notebook) {
        if (!isRequired(context)) renew(path, { isRun: specifier.includes('?run=') })
        imported.set(specifier, path)
      } else files.note(importer, path)
      const version = files.versionOf(path)
      if (version === 0 || isRequired(context)) return found
      return { ...found, url: withVersion(found.url, version) }
    },
    load(url, context, next) {
      if (url === metaUrl) {
        return { format: 'module', source: 'export const meta = import.meta', shortCircuit: true }
      }
      const name = isOwnFile(url) || isMakingDom() ? undefined : packageOf(url)?.name
      if (name !== undefined) packages.add(name)
      const path = localPath(url)
      if (path === undefined || !isModuleFile(path)) return local.load(url, context, next)
      loading.add(path)
      files.load(path)
      // Node knows a required module by its path alone, and would give the one that it has.
      const isAnew = isRequired(context) && files.versionOf(path) > 0
      if (isAnew && isTypeScript(path)) return { ...local.lower(path, true), shortCircuit: true }
      return withMark(local.load(url, context, next))
    },
  })
  // A script in the notebook's folder, so that `./x` and bare names resolve from there.
  const script = new Script('(specifier, options) => import(specifier, options)', {
    filename: notebook,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  })
  const notebookRequire = createRequire(notebook)
  const renewed = new RenewedPackages(notebookRequire.cache)
  const loadMeta: (specifier: string) => { meta: ImportMeta } = notebookRequire
  let meta: ImportMeta | undefined
  const importFrom = runImport(script)
  return {
    async import(specifier, options) {
      loading.clear()
      projects.forget()
      try {
        return (await settled(importFrom(jsxSpecifier(specifier, cwd), options))).value
      } catch (error) {
        const isLoaded = (path: string) => notebookRequire.cache[path]?.loaded === true
        files.failed([...loading].filter((path) => !isLoaded(path)))
        placeSyntaxError(error, [...loading].filter(isCode))
        throw error
      }
    },
    packages,
    renewPackages: () => renewed.renew(),
    // Node does not ask again for a path that was required before.
    require: new Proxy(notebookRequire, {
      apply(target, self, args) {
        projects.forget()
        const path = requiredPath(target, args[0])
        if (path !== undefined) renew(path)
        const exports: unknown = Reflect.apply(target, self, args)
        return exports
      },
    }),
    versionOf(specifier) {
      const path = imported.get(specifier)
      return path === undefined ? undefined : files.versionOf(path)
    },
    renew(specifier) {
      const path = imported.get(specifier)
      if (path !== undefined) renew(path, { failedToo: false })
    },
    evaluated(url) {
      const path = localPath(url)
      if (path !== undefined) files.evaluated(path)
    },
    get meta() {
      meta ??= loadMeta(META).meta
      return meta
    },
  }
}

function isCode(path: string): boolean {
  return !/\.(?:json|wasm)$/.test(path)
}

/** Undefined for what is no local file, and for what cannot be found: that is said by the call. */
function requiredPath(require: NodeJS.Require, specifier: unknown): string | undefined {
  if (typeof specifier !== 'string') return undefined
  try {
    const path = require.resolve(specifier)
    return path.startsWith('/') && isModuleFile(path)
      ? localPath(pathToFileURL(path).href)
      : undefined
  } catch {
    // MODULE_NOT_FOUND, or a broken package.json.
    return undefined
  }
}

function withVersion(url: string, version: number): string {
  const versioned = new URL(url)
  versioned.searchParams.set(VERSION, `${version}`)
  return versioned.href
}

/** A module whose last line runs has been evaluated. */
function withMark(loaded: LoadFnOutput): LoadFnOutput {
  const { format, source } = loaded
  if (format !== 'module' || source === null || source === undefined) return loaded
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source)
  return { ...loaded, source: `${text}\n;__jupyterpost.evaluated(import.meta.url)\n` }
}

function names(files: readonly Renewed[]): string {
  return files.length > 3
    ? `${files.length} files`
    : files.map(({ path }) => basename(path)).join(', ')
}

function noticeOf(renewed: readonly Renewed[]): string {
  const causes = renewed.filter(({ because }) => because !== undefined)
  const [first] = causes
  const others = renewed.filter(({ because }) => because === undefined)
  const why = first?.because === 'failed' ? 'failed to load before' : 'was edited'
  const were = causes.length > 1 ? why.replace('was', 'were') : why
  const importers =
    others.length === 0
      ? ''
      : `, with ${names(others)}, which ${others.length > 1 ? 'import' : 'imports'} ${causes.length > 1 ? 'them' : 'it'}`
  return `${names(causes)} ${were}: loaded anew${importers}`
}
