// Names that a local TypeScript file passes on (`export { A } from './a.ts'`). TypeScript drops
// those that are types, which it can tell because it sees all files. So we look up each name in
// its module before the file is lowered: local modules are read; packages show their exports only
// when they run, so a small module is put in between.
import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { basename, extname } from 'node:path'
import process from 'node:process'
import type { StaticExportEntry } from 'oxc-parser'
import type * as Parser from 'oxc-parser'
import { JSON, Map, Set, URL, encodeURIComponent } from '../../api/primordials.ts'

/** Whether a file may pass a name on. Most do not, and are then not parsed for it. */
const MAY_PASS_ON = /\bexport\s*(?:\{|default\b)/
const QUERY = 'jupyterpost-passes-on'

/**
 * Text of a file -> JavaScript, of which only imports and exports are read; undefined for a file
 * with a syntax error.
 */
type Lower = (filename: string, source: string) => string | undefined

/** The local file that a file's import means; undefined for a package. */
export type Find = (importer: string, specifier: string) => string | undefined

export interface Tools {
  parse: typeof Parser.parseSync
  lower: Lower
  find: Find
  /** Whether the file becomes CommonJS, where a name that is missing does no harm. */
  isCommonJs: boolean
}

/** `none`: a type in TypeScript, a mistake in JavaScript. */
type Found = 'value' | 'none' | 'unknown'

/** The text with the names that are types marked as such. Lines stay the same. */
export function markTypeExports(filename: string, source: string, tools: Tools): string {
  if (!MAY_PASS_ON.test(source)) return source
  const { staticExports, staticImports } = tools.parse(filename, source).module
  const edits: Array<{ start: number; end: number; text: string }> = []
  /** Modules in between, by the position of the specifier that they replace. */
  const between = new Map<
    number,
    { start: number; end: number; value: string; names: Set<string> }
  >()
  for (const statement of staticExports) {
    for (const entry of statement.entries) {
      const passed = passedOn(entry, staticImports)
      if (!passed) continue
      const { request, name } = passed
      const found = lookUp({ importer: filename, specifier: request.value, name }, tools)
      if (found === 'unknown') {
        if (tools.isCommonJs) continue
        const names = between.get(request.start)?.names ?? new Set<string>()
        between.set(request.start, { ...request, names: names.add(name) })
      } else if (found === 'none' && isTyped(filename, request.value, tools)) {
        const { start, end } = entry
        if (passed.isDefault) {
          const text = `export type { ${source.slice(start, end)} as default }`
          edits.push({ start: statement.start, end: statement.end, text })
        } else edits.push({ start, end: start, text: 'type ' })
      }
    }
  }
  for (const { start, end, value, names } of between.values()) {
    for (const { moduleRequest, entries } of staticImports) {
      if (moduleRequest.start !== start) continue
      for (const { importName } of entries) {
        const one = importedName(importName)
        if (one !== undefined) names.add(one)
      }
    }
    const query = [`${QUERY}=${encodeURIComponent(value)}`]
    for (const name of names) query.push(`name=${encodeURIComponent(name)}`)
    const url = `./${encodeURIComponent(basename(filename))}?${query.join('&')}`
    edits.push({ start, end, text: JSON.stringify(url) })
  }
  let text = source
  for (const edit of edits.toSorted((a, b) => b.start - a.start)) {
    text = text.slice(0, edit.start) + edit.text + text.slice(edit.end)
  }
  return text
}

/** The source of a module in between; undefined for any other URL. */
export function moduleBetween(url: string): string | undefined {
  if (!url.includes(QUERY)) return undefined
  const { searchParams } = new URL(url)
  const specifier = searchParams.get(QUERY)
  if (specifier === null) return undefined
  // A CommonJS module may hide a name from static analysis: then `default` has it.
  const exports = searchParams.getAll('name').map((name, index) => {
    const key = JSON.stringify(name)
    const value = `${key} in all ? all[${key}] : all.default?.[${key}]`
    return `const name${index} = ${value}\nexport { name${index} as ${key} }`
  })
  return `import * as all from ${JSON.stringify(specifier)}\n${exports.join('\n')}\n`
}

function passedOn(
  { isType, moduleRequest, importName, exportName, localName }: StaticExportEntry,
  imports: readonly Parser.StaticImport[],
) {
  if (isType) return undefined
  if (moduleRequest) {
    // `export *` and namespaces are always values.
    const { name } = importName
    return name === null ? undefined : { request: moduleRequest, name, isDefault: false }
  }
  if (exportName.name !== null || localName.name === null) return undefined
  for (const { moduleRequest: request, entries } of imports) {
    const entry = entries.find(({ localName: local }) => local.value === localName.name)
    const name = entry && !entry.isType ? importedName(entry.importName) : undefined
    if (name !== undefined) return { request, name, isDefault: true }
  }
  return undefined
}

/** Undefined for a namespace. */
function importedName({ kind, name }: Parser.ImportName): string | undefined {
  const word: string = kind
  return word === 'Default' ? 'default' : (name ?? undefined)
}

function isTyped(importer: string, specifier: string, { find }: Tools): boolean {
  return isBuiltin(specifier) || /\.[cm]?tsx?$/.test(find(importer, specifier) ?? '')
}

/** A name that `importer` takes from the module of this specifier. */
interface Wanted {
  importer: string
  specifier: string
  name: string
}

/** @param seen - Names being looked up: modules may pass names on in circles. */
function lookUp(
  { importer, specifier, name }: Wanted,
  tools: Tools,
  seen = new Set<string>(),
): Found {
  if (isBuiltin(specifier)) {
    if (name === 'default') return 'value'
    const module: object | undefined = process.getBuiltinModule(specifier)
    return module && name in module ? 'value' : 'none'
  }
  const filename = moduleFile(importer, specifier, tools)
  if (filename === undefined) return 'unknown'
  const key = `${filename}\0${name}`
  if (seen.has(key)) return 'none'
  seen.add(key)
  const entries = exportsOf(filename, tools)
  // Loading the file says what is wrong with it.
  if (!entries) return 'value'
  let found: Found = 'none'
  for (const { exportName, importName, moduleRequest, isType } of entries) {
    if (isType) continue
    const isStar = exportName.name === null && moduleRequest !== null
    if (isStar ? name === 'default' : (exportName.name ?? 'default') !== name) continue
    const inner = isStar ? name : importName.name
    const one =
      moduleRequest && inner !== null
        ? lookUp({ importer: filename, specifier: moduleRequest.value, name: inner }, tools, seen)
        : 'value'
    if (one === 'value') return 'value'
    if (one === 'unknown') found = 'unknown'
  }
  return found
}

/** A local file that is an ES module. */
function moduleFile(importer: string, specifier: string, { find }: Tools): string | undefined {
  const filename = find(importer, specifier)
  const isModule = filename !== undefined && /^\.(?:m?[jt]s|tsx)$/.test(extname(filename))
  return isModule ? filename : undefined
}

/** Undefined for a file with a syntax error. */
function exportsOf(filename: string, { parse, lower }: Tools): StaticExportEntry[] | undefined {
  const lowered = lower(filename, readFileSync(filename, 'utf8'))
  if (lowered === undefined) return undefined
  const { module } = parse(filename.replace(/tsx?$/, 'js'), lowered)
  return module.staticExports.flatMap(({ entries }) => entries)
}
