// `require`, `__dirname` and `__filename` in a local TypeScript file. If it is written with
// imports, Node takes it for a module, which has none of them; the usual compilers make CommonJS
// of it, which has.
import { Buffer } from 'node:buffer'
import { createRequire } from 'node:module'
import type * as Parser from 'oxc-parser'
import { JSON, Set, uncurry } from '../../api/primordials.ts'

const loadParser: (name: 'oxc-parser') => typeof Parser = createRequire(import.meta.url)

const parseMap: (json: JSON, text: string) => { mappings: string } = uncurry(JSON, 'parse')

const MENTIONS = /\b(?:require|module|exports|__dirname|__filename)\b/
const MAP = '//# sourceMappingURL=data:application/json;base64,'
const VALUES: ReadonlyArray<readonly [name: string, value: string]> = [
  ['require', '__jupyterpost_require(import.meta.url)'],
  ['__dirname', 'import.meta.dirname'],
  ['__filename', 'import.meta.filename'],
]

/** @param code - JavaScript, with its source map as the last line. */
export function withOwnNames(code: string): { source: string; format: 'module' | 'commonjs' } {
  if (!MENTIONS.test(code)) return { source: code, format: 'module' }
  const { module, program } = loadParser('oxc-parser').parseSync('local.js', code)
  if (!module.hasModuleSyntax) return { source: code, format: 'commonjs' }
  const declared = new Set<string>()
  for (const { entries } of module.staticImports) {
    for (const { localName } of entries) declared.add(localName.value)
  }
  for (const statement of program.body) {
    if (statement.type !== 'VariableDeclaration') continue
    for (const { id } of statement.declarations) if (id.type === 'Identifier') declared.add(id.name)
  }
  const names = VALUES.filter(([name]) => !declared.has(name) && code.includes(name))
  if (names.length === 0) return { source: code, format: 'module' }
  const list = names.map(([name, value]) => `${name} = ${value}`).join(', ')
  const head = `import { createRequire as __jupyterpost_require } from 'node:module';const ${list};`
  return { source: `${head}\n${moved(code)}`, format: 'module' }
}

/** The code one line further down. */
function moved(code: string): string {
  const at = code.lastIndexOf(MAP)
  if (at < 0) return code
  const map = parseMap(JSON, Buffer.from(code.slice(at + MAP.length), 'base64').toString('utf8'))
  map.mappings = `;${map.mappings}`
  return `${code.slice(0, at)}${MAP}${Buffer.from(JSON.stringify(map)).toString('base64')}\n`
}
