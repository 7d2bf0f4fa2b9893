// JSON that is imported without its attribute, as TypeScript allows: the value is the default
// export, and an object's properties are exports as well.
import { readFileSync } from 'node:fs'
import type { LoadFnOutput, ResolveFnOutput, ResolveHookContext } from 'node:module'
import { fileURLToPath } from 'node:url'
import { types } from 'node:util'
import { Array, JSON, Object, String, SyntaxError, URL } from '../../api/primordials.ts'

/** Properties that become exports; objects with more are data. */
const MOST = 10_000
const NAMES = 'jupyterpost-json'

/** An address of its own: Node's is for the import with the attribute. */
export function withoutAttribute(
  found: ResolveFnOutput,
  { importAttributes }: ResolveHookContext,
): ResolveFnOutput {
  if (!found.url.startsWith('file:') || importAttributes.type !== undefined) return found
  const url = new URL(found.url)
  if (!url.pathname.endsWith('.json')) return found
  url.searchParams.set(NAMES, '')
  return { ...found, url: url.href, format: 'module' }
}

export function isJson(url: string): boolean {
  return url.includes(NAMES) && new URL(url).searchParams.has(NAMES)
}

/** @throws {SyntaxError} that names the file. */
export function jsonModule(url: string): LoadFnOutput {
  const path = fileURLToPath(new URL(url))
  const text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '')
  const names = namesOf(path, text)
  const lines = names.map((name, index) => {
    const key = JSON.stringify(name)
    return `const name${index} = all[${key}];export { name${index} as ${key} }`
  })
  const value = `const all = JSON.parse(${JSON.stringify(text)})`
  const source = `${value}\nexport default all\n${lines.join('\n')}\n`
  return { format: 'module', source, shortCircuit: true }
}

function namesOf(path: string, text: string): string[] {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
    const names = Object.keys(value).filter((name) => name !== 'default' && name.isWellFormed())
    return names.length > MOST ? [] : names
  } catch (error) {
    const why = types.isNativeError(error) ? error.message : String(error)
    throw new SyntaxError(`${path} is no JSON: ${why}`, { cause: error })
  }
}
