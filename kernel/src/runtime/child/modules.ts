// Imports of cells: resolved from the notebook's folder; `jupyterpost` is this package; local
// TypeScript may use enums and the like.
import { createRequire, registerHooks } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Script, constants } from 'node:vm'
import { Error, Set, URL, uncurry } from '../../api/primordials.ts'
import { isMakingDom } from './dom.ts'
import { foreignImport } from './foreign-specifiers.ts'
import { FOLDERS_JSX } from '../../cell/jsx-options.ts'
import { OWN_JSX, jsxSpecifier } from './jsx-specifier.ts'
import { isOwnFile } from '../stack-frames.ts'
import { withOwnNames } from './own-names.ts'
import { moduleBetween } from './reexports.ts'
import { lowerFile, placeSyntaxError } from './typescript-files.ts'
import { settled } from './user-promises.ts'

type Import = (specifier: string, options?: ImportCallOptions) => Promise<object>

const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const META = 'jupyterpost:notebook'

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
}

/** The file in whose name cells import; it need not exist. */
export function notebookFile(cwd: string): string {
  return join(cwd, 'notebook.ts')
}

export function createModules(cwd: string): Modules {
  const notebook = notebookFile(cwd)
  /** Files loaded since the import was asked for. */
  const loading = new Set<string>()
  const packages = new Set<string>()
  const metaUrl = `${pathToFileURL(notebook).href}?meta`
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
      return next(specifier, context)
    },
    load(url, context, next) {
      if (url === metaUrl) {
        return { format: 'module', source: 'export const meta = import.meta', shortCircuit: true }
      }
      const between = moduleBetween(url)
      if (between !== undefined) return { format: 'module', source: between, shortCircuit: true }
      const name = packageOf(url)
      if (name !== undefined && !isMakingDom()) packages.add(name)
      if (isLocal(url)) loading.add(fileURLToPath(url))
      if (!isLocalTypeScript(url)) return next(url, context)
      const code = lowerFile(fileURLToPath(url))
      if (url.endsWith('.cts')) return { format: 'commonjs', source: code, shortCircuit: true }
      return { ...withOwnNames(code), shortCircuit: true }
    },
  })
  // A script in the notebook's folder, so that `./x` and bare names resolve from there.
  const script = new Script('(specifier, options) => import(specifier, options)', {
    filename: notebook,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  })
  const notebookRequire = createRequire(notebook)
  const loadMeta: (specifier: string) => { meta: ImportMeta } = notebookRequire
  let meta: ImportMeta | undefined
  const importFrom = runImport(script)
  return {
    async import(specifier, options) {
      loading.clear()
      try {
        return (await settled(importFrom(jsxSpecifier(specifier, cwd), options))).value
      } catch (error) {
        placeSyntaxError(error, loading)
        throw error
      }
    },
    require: notebookRequire,
    packages,
    get meta() {
      meta ??= loadMeta(META).meta
      return meta
    },
  }
}

/** Undefined for a file that is in no package, and for those of the kernel. */
function packageOf(url: string): string | undefined {
  const at = url.lastIndexOf('/node_modules/')
  if (at < 0 || isOwnFile(url)) return undefined
  const [first = '', second = ''] = url.slice(at + '/node_modules/'.length).split('/', 2)
  return first.startsWith('@') ? `${first}/${second}` : first
}

/** A file that a person may have written; this package's own files need no lowering. */
function isLocal(url: string): boolean {
  if (!url.startsWith('file:') || url.includes('/node_modules/')) return false
  const { pathname } = new URL(url)
  return /\.(?:[cm]?[jt]s|[jt]sx)$/.test(pathname) && !isOwnFile(url)
}

function isLocalTypeScript(url: string): boolean {
  return isLocal(url) && /(?:ts|[jt]sx)$/.test(new URL(url).pathname)
}
