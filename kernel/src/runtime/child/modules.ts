// Imports of cells: resolved from the notebook's folder, `jupyterpost` is this package, local TypeScript may hold enums and the like.
import { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { createRequire, registerHooks } from 'node:module'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Script, constants } from 'node:vm'
import { Error, JSON, URL } from '../../api/primordials.ts'

type Import = (specifier: string, options?: ImportCallOptions) => Promise<object>

const require = createRequire(import.meta.url)
const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
const META = 'jupyterpost:notebook'

/** What `import 'jupyterpost'` gives notebook code: `post` and the names of cells. */
const JUPYTERPOST = new URL(`../../api/index${extension}`, import.meta.url).href

export interface Modules {
  import: Import
  /** Of a module in the notebook's folder. */
  readonly meta: ImportMeta
  require: NodeJS.Require
}

export function createModules(cwd: string): Modules {
  const notebook = join(cwd, 'notebook.ts')
  const metaUrl = `${pathToFileURL(notebook).href}?meta`
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === 'jupyterpost') return { url: JUPYTERPOST, shortCircuit: true }
      if (specifier === META) return { url: metaUrl, format: 'module', shortCircuit: true }
      return next(specifier, context)
    },
    load(url, context, next) {
      if (url === metaUrl) {
        return { format: 'module', source: 'export const meta = import.meta', shortCircuit: true }
      }
      if (!isLocalTypeScript(url)) return next(url, context)
      const source = lower(url)
      return { format: url.endsWith('.cts') ? 'commonjs' : 'module', source, shortCircuit: true }
    },
  })
  // A script of the notebook's folder, so that `./x` and bare names resolve from there.
  const script: { runInThisContext(): Import } = new Script(
    '(specifier, options) => import(specifier, options)',
    {
      filename: notebook,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    },
  )
  const notebookRequire = createRequire(notebook)
  const loadMeta: (specifier: string) => { meta: ImportMeta } = notebookRequire
  let meta: ImportMeta | undefined
  return {
    import: script.runInThisContext(),
    require: notebookRequire,
    get meta() {
      meta ??= loadMeta(META).meta
      return meta
    },
  }
}

function isLocalTypeScript(url: string): boolean {
  if (!url.startsWith('file:') || url.includes('/node_modules/')) return false
  const { pathname } = new URL(url)
  return /\.[cm]?ts$/.test(pathname) && !pathname.startsWith(PACKAGE)
}

/** This package's own sources need no lowering: they are erasable. */
const PACKAGE = dirname(dirname(dirname(dirname(new URL(import.meta.url).pathname))))

/** Loaded when first met: most notebooks import no TypeScript. */
function lower(url: string): string {
  const filename = fileURLToPath(url)
  // Before the module is loaded: its stack traces then name the lines of the file.
  process.setSourceMapsEnabled(true)
  const source = readFileSync(filename, 'utf8')
  const load: (name: string) => typeof import('oxc-transform') = require
  const oxc = load('oxc-transform')
  const { code, errors, map } = oxc.transformSync(filename, source, {
    sourcemap: true,
    target: 'es2024',
  })
  if (errors[0]) {
    throw new Error(`${filename}: ${errors[0].codeframe ?? errors[0].message}`)
  }
  const inline = Buffer.from(JSON.stringify(map)).toString('base64')
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${inline}\n`
}
