// Packages whose version changes while the kernel runs: the next import gets the new one. Node
// remembers each `package.json` by its path and each module by its address, for good. So a package
// that changed is looked up by another path to the same folder, a link, and its modules have a
// generation in their addresses.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { createRequire, isBuiltin, registerHooks } from 'node:module'
import type { ResolveFnOutput, ResolveHookContext } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { Map, Object, Reflect, Set, listOf } from '../../api/primordials.ts'
import { isOwnFile } from '../stack-frames.ts'
import { findPackage, formatOf, packageOf, stateOf } from './package-paths.ts'
import type { PackagePlace } from './package-paths.ts'

type Next = (specifier: string, context?: Partial<ResolveHookContext>) => ResolveFnOutput

export class RenewedPackages {
  readonly #cache: NodeJS.Require['cache']
  /** Folder of a package that was loaded -> its state then. */
  readonly #loaded = new Map<string, string>()
  /** Folder of a package -> those of packages that import it. */
  readonly #importers = new Map<string, Set<string>>()
  readonly #generations = new Map<string, number>()
  #generation = 0

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
    const isRequire = listOf(context.conditions).includes('require')
    const stale = this.#stalePackage(specifier, parent)
    const found = stale
      ? byLink(stale, (from) => {
          if (!isRequire) return next(specifier, { ...context, parentURL: urlOf(from) })
          return { url: urlOf(createRequire(from).resolve(specifier)), shortCircuit: true }
        })
      : next(specifier, context)
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
    const url = isRequire ? found.url : `${urlOf(file)}?renewed=${generation}`
    return { url, ...(format === undefined ? {} : { format }), shortCircuit: true }
  }

  /** The package whose `package.json` says what the specifier is, if Node remembers an old one. */
  #stalePackage(specifier: string, parent: string): PackagePlace | undefined {
    if (this.#generations.size === 0) return undefined
    const place = specifier.startsWith('#')
      ? packageOf(parent)
      : isBare(specifier)
        ? findPackage(specifier, dirname(parent))
        : undefined
    return place && this.#generations.has(place.folder) ? place : undefined
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

/**
 * Looks something up by a path that Node has never seen: of a link to the package, which is gone
 * afterwards.
 *
 * @param lookUp - Called with a file of the package, or one that is beside it.
 */
function byLink<Found>(
  { folder, name, inner }: PackagePlace,
  lookUp: (from: string) => Found,
): Found {
  const own = mkdtempSync(join(tmpdir(), 'jupyterpost-package-'))
  try {
    const link = join(own, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(realpathSync(folder), link)
    return lookUp(inner === '' ? join(own, 'module.js') : join(link, inner))
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
}

function urlOf(file: string): string {
  return pathToFileURL(file).href
}

function fileOf(url: string | undefined): string | undefined {
  return url?.startsWith('file:') === true ? fileURLToPath(url) : undefined
}
