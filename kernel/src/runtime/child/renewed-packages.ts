// Packages whose version changes while the kernel runs: the next import gets the new one. Node
// remembers each `package.json` by its path and each module by its address, for good. So a package
// that changed is looked up by another path to the same folder, a link, and its modules have a
// generation in their addresses.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire, isBuiltin, registerHooks } from 'node:module'
import type { ResolveFnOutput, ResolveHookContext } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Map, Object, Reflect, Set, listOf } from '../../api/primordials.ts'
import { isOwnFile } from '../stack-frames.ts'
import { findPackage, formatOf, packageOf, stateOf } from './package-paths.ts'

type Next = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput

export class RenewedPackages {
  readonly #cache: NodeJS.Require['cache']
  /** Folder of a package that was loaded -> its state then. */
  readonly #loaded = new Map<string, string>()
  /** Folder of a package -> those of packages that import it. */
  readonly #importers = new Map<string, Set<string>>()
  readonly #generations = new Map<string, number>()
  readonly #links = new Map<string, string>()
  #generation = 0
  #folder: string | undefined

  /** @param cache - Of CommonJS modules. */
  constructor(cache: NodeJS.Require['cache']) {
    this.#cache = cache
    registerHooks({
      resolve: (specifier, context, next) => this.#resolve(specifier, context, next),
    })
  }

  /** @returns The names of packages that changed and will be loaded anew. */
  renew(): string[] {
    const changed = [...this.#loaded.keys()].filter(
      (folder) => this.#loaded.get(folder) !== stateOf(folder),
    )
    if (changed.length === 0) return []
    this.#generation += 1
    this.#links.clear()
    const stale = this.#withImporters(changed)
    for (const folder of stale) {
      this.#generations.set(folder, this.#generation)
      this.#loaded.delete(folder)
    }
    for (const file of Object.keys(this.#cache)) {
      if (stale.has(packageOf(file)?.folder ?? '')) Reflect.deleteProperty(this.#cache, file)
    }
    return changed.map((folder) => packageOf(join(folder, 'package.json'))?.name ?? folder)
  }

  #resolve(specifier: string, context: ResolveHookContext, next: Next): ResolveFnOutput {
    const parent = fileOf(context.parentURL)
    if (parent === undefined || isBuiltin(specifier)) return next(specifier, context)
    const other = this.#generation === 0 ? undefined : this.#otherPath(specifier, parent)
    const isRequire = listOf(context.conditions).includes('require')
    const found = other === undefined ? next(specifier, context) : renewed(isRequire, other)
    const file = fileOf(found.url)
    const place = file === undefined || isOwnFile(found.url) ? undefined : packageOf(file)
    if (file === undefined || place === undefined) return found
    const importer = packageOf(parent)?.folder
    this.#note(place.folder, importer)
    // Where packages are links to a store, it is the link that changes.
    const named = isBare(specifier) ? findPackage(specifier, dirname(parent))?.folder : undefined
    if (named !== undefined && named !== place.folder) this.#note(named, importer)
    const generation = this.#generations.get(place.folder)
    if (generation === undefined) return found
    const format = formatOf(file) ?? found.format
    // The cache of CommonJS modules was cleared; their names are paths.
    const url = isRequire ? found.url : `${pathToFileURL(file).href}?renewed=${generation}`
    return { url, ...(format === undefined ? {} : { format }), shortCircuit: true }

    function renewed(byRequire: boolean, from: string): ResolveFnOutput {
      if (!byRequire) return next(specifier, { ...context, parentURL: pathToFileURL(from).href })
      const url = pathToFileURL(createRequire(from).resolve(specifier)).href
      return { url, shortCircuit: true }
    }
  }

  /** A file beside or in the package, by a path that Node has not seen; undefined if not needed. */
  #otherPath(specifier: string, parent: string): string | undefined {
    if (specifier.startsWith('#')) {
      const own = packageOf(parent)
      if (!own || !this.#generations.has(own.folder)) return undefined
      return join(this.#link(own.modules), own.name, own.inner)
    }
    const found = isBare(specifier) ? findPackage(specifier, dirname(parent)) : undefined
    if (!found || !this.#generations.has(found.folder)) return undefined
    return join(dirname(this.#link(found.modules)), 'module.js')
  }

  /** A link to a `node_modules`, which is named like it. */
  #link(modules: string): string {
    const known = this.#links.get(modules)
    if (known !== undefined) return known
    const parent = join(this.#ownFolder(), `${this.#generation}-${this.#links.size}`)
    mkdirSync(parent)
    const link = join(parent, 'node_modules')
    symlinkSync(modules, link)
    this.#links.set(modules, link)
    return link
  }

  #ownFolder(): string {
    if (this.#folder !== undefined) return this.#folder
    const folder = mkdtempSync(join(tmpdir(), 'jupyterpost-packages-'))
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
    this.#folder = folder
    return folder
  }

  #note(folder: string, importer: string | undefined): void {
    if (!this.#loaded.has(folder)) this.#loaded.set(folder, stateOf(folder))
    if (importer === undefined || importer === folder) return
    const importers = this.#importers.get(folder) ?? new Set()
    this.#importers.set(folder, importers.add(importer))
  }

  /** With all that hold on to them. */
  #withImporters(folders: readonly string[]): Set<string> {
    const all = new Set(folders)
    for (const folder of all) {
      for (const importer of this.#importers.get(folder) ?? []) all.add(importer)
    }
    return all
  }
}

/** The name of a package, or of something in it. */
function isBare(specifier: string): boolean {
  return !/^(?:\.|\/|#|\w+:)/.test(specifier)
}

function fileOf(url: string | undefined): string | undefined {
  return url?.startsWith('file:') === true ? fileURLToPath(url) : undefined
}
