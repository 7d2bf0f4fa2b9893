// Static imports become calls of `__jupyterpost`: a name means in the cell what it means in the
// module.
import type {
  ExportAllDeclaration,
  ExportNamedDeclaration,
  ImportAttribute,
  ImportDeclaration,
} from 'oxc-parser'

/** The notebook's own modules: each read of a name is one of the module's, at 8 ns. */
const local = /^(?:\.{0,2}\/|file:)/

export function importedNames(node: ImportDeclaration): string[] {
  return node.specifiers.map((specifier) => specifier.local.name)
}

/** The statements for an import; `index` keeps the local names of modules apart. */
export function importSource(
  node: ImportDeclaration | ExportNamedDeclaration | ExportAllDeclaration,
  index: number,
  values: ReadonlySet<string>,
): string {
  const specifier = JSON.stringify(node.source?.value ?? '')
  const call = `await __jupyterpost.import(${specifier}${attributesOf(node.attributes)})`
  if (node.type !== 'ImportDeclaration' || node.specifiers.length === 0) return `;${call};`
  const module = `__jupyterpost_module_${index}`
  const bind = local.test(node.source.value) ? 'bind' : 'hold'
  const names = node.specifiers.map((one) => {
    const { name } = one.local
    if (one.type === 'ImportNamespaceSpecifier') {
      return `${name} = ${module};${naming('seal', [name])}`
    }
    const imported = one.type === 'ImportDefaultSpecifier' ? 'default' : nameOf(one.imported)
    const key = JSON.stringify(imported)
    const home = `__jupyterpost_home_${index}`
    const use = `local: "${name}", isUsed: ${values.has(name)}`
    const wanted = `{ name: ${key}, specifier: ${specifier}, ${use} }`
    const found = `${home} = __jupyterpost.home(${module}, ${wanted})`
    return `if (${found}) __jupyterpost.${bind}("${name}", ${home}, ${key});`
  })
  return `;const ${module} = ${call};let __jupyterpost_home_${index};${names.join('')}`
}

/** The statement for an import that the compiler added: its names belong to this cell only. */
export function helperSource(node: ImportDeclaration): string {
  const names = node.specifiers.flatMap((one) =>
    one.type === 'ImportSpecifier' ? [`${nameOf(one.imported)}: ${one.local.name}`] : [],
  )
  const specifier = JSON.stringify(node.source.value)
  return `;const { ${names.join(', ')} } = await __jupyterpost.import(${specifier});`
}

/** Arguments of one call; V8 takes 65,535. */
const ARGUMENTS = 1000

/**
 * A statement about names: `reach`, before their declaration, allows assigning them from here on;
 * `seal`, after that of constants, forbids it.
 */
export function naming(what: 'reach' | 'seal', names: readonly string[]): string {
  const calls: string[] = []
  for (let start = 0; start < names.length; start += ARGUMENTS) {
    const some = names.slice(start, start + ARGUMENTS).map((name) => JSON.stringify(name))
    calls.push(`__jupyterpost.${what}(${some.join(', ')});`)
  }
  return calls.join('')
}

function nameOf(name: { type: 'Identifier'; name: string } | { type: 'Literal'; value: string }) {
  return name.type === 'Identifier' ? name.name : name.value
}

function attributesOf(attributes: readonly ImportAttribute[]): string {
  if (attributes.length === 0) return ''
  const entries = attributes.map(
    ({ key, value }) => `${JSON.stringify(nameOf(key))}: ${JSON.stringify(value.value)}`,
  )
  return `, { with: { ${entries.join(', ')} } }`
}
