// Which names of the notebook came from which local module, and their renewal before a cell.
import { types } from 'node:util'
import { Map, Object, Reflect, String, WeakMap, realm } from '../../api/primordials.ts'
import { userNames } from './declarations.ts'
import { bindName, homeOf } from './imported-names.ts'
import type { Modules } from './modules.ts'

interface Origin {
  specifier: string
  /** Of the module when the name was bound. */
  version: number
}

interface Bound extends Origin {
  /** The object with the name's value. */
  home: Record<string, unknown>
  /** In the module. */
  name: string
}

export class Autoreload {
  isOn = false
  readonly #modules: Modules
  readonly #notice: (line: string) => void
  /** Modules that cells imported, with the options of the import. */
  readonly #imports = new Map<string, ImportCallOptions | undefined>()
  readonly #names = new Map<string, Bound>()
  readonly #namespaces = new WeakMap<object, Origin>()
  /** Versions for which the names of whole modules were looked at. */
  readonly #seen = new Map<string, number>()

  /** @param notice - Tells the person something in one line. */
  constructor(modules: Modules, notice: (line: string) => void) {
    this.#modules = modules
    this.#notice = notice
  }

  /** A cell imported a module. */
  noteModule(namespace: object, specifier: string, options: ImportCallOptions | undefined): void {
    const version = this.#modules.versionOf(specifier)
    if (version === undefined) return
    this.#imports.set(specifier, options)
    this.#namespaces.set(namespace, { specifier, version })
  }

  /** A cell's import binds one name. */
  noteName(local: string, bound: Omit<Bound, 'version'>): void {
    const version = this.#modules.versionOf(bound.specifier)
    if (version === undefined) this.#names.delete(local)
    else this.#names.set(local, { ...bound, version })
  }

  /** Before a cell. Undefined where there is nothing to wait for. */
  renew(): Promise<void> | undefined {
    return this.isOn && this.#imports.size > 0 ? this.#renewAll() : undefined
  }

  async #renewAll(): Promise<void> {
    for (const [specifier, options] of this.#imports) {
      this.#modules.renew(specifier)
      const version = this.#modules.versionOf(specifier)
      if (version === undefined) continue
      const names = this.#oldNames(specifier, version)
      const namespaces =
        this.#seen.get(specifier) === version ? [] : this.#oldNamespaces(specifier, version)
      this.#seen.set(specifier, version)
      if (names.length + namespaces.length === 0) continue
      try {
        const module = await this.#modules.import(specifier, options)
        this.noteModule(module, specifier, options)
        for (const local of namespaces) rebind(local, module)
        for (const [local, bound] of names) this.#bind(local, bound, module)
      } catch (error) {
        for (const [, bound] of names) bound.version = version
        this.#notice(`'${specifier}' could not be loaded anew, its names stay: ${textOf(error)}`)
      }
    }
  }

  /** Those whose value is still that of the import. */
  #oldNames(specifier: string, version: number): Array<[string, Bound]> {
    const found: Array<[string, Bound]> = []
    for (const [local, bound] of this.#names) {
      if (bound.specifier !== specifier || bound.version === version) continue
      if (isBound(local, bound)) found.push([local, bound])
      else this.#names.delete(local)
    }
    return found
  }

  #oldNamespaces(specifier: string, version: number): string[] {
    const found: string[] = []
    for (const local of userNames) {
      const value: unknown = Reflect.getOwnPropertyDescriptor(realm, local)?.value
      if (typeof value !== 'object' || value === null) continue
      const origin = this.#namespaces.get(value)
      if (origin?.specifier === specifier && origin.version !== version) found.push(local)
    }
    return found
  }

  #bind(local: string, { specifier, name }: Bound, module: object): void {
    const home = homeOf(module, name)
    if (home) {
      bindName(local, home, name)
      this.noteName(local, { specifier, name, home })
    } else {
      this.#names.delete(local)
      this.#notice(`'${specifier}' no longer exports '${name}': '${local}' keeps its value`)
    }
  }
}

/** A getter of a cell's own is not called. */
function isBound(local: string, { home, name }: Bound): boolean {
  const descriptor = Reflect.getOwnPropertyDescriptor(realm, local)
  if (!descriptor) return false
  const isImport = descriptor.get?.name === '__jupyterpost_import'
  const value: unknown = isImport ? Reflect.get(realm, local) : descriptor.value
  return (isImport || !descriptor.get) && Object.is(value, home[name])
}

function rebind(local: string, value: object): void {
  const descriptor = Reflect.getOwnPropertyDescriptor(realm, local)
  if (descriptor?.configurable === true)
    Reflect.defineProperty(realm, local, { ...descriptor, value })
}

function textOf(error: unknown): string {
  if (!types.isNativeError(error)) return String(error)
  const place = /^(\/.*:\d+)\n/.exec(error.stack ?? '')?.[1]
  const [line = ''] = error.message.split('\n')
  return `${error.name}: ${line}${place === undefined ? '' : ` (${place})`}`
}
