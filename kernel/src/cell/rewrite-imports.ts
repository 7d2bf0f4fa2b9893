// Static imports as calls of `__jupyterpost.import`: what a name means in the module is what it means in the cell.
import type {
  ExportAllDeclaration,
  ExportNamedDeclaration,
  ImportAttribute,
  ImportDeclaration,
} from 'oxc-parser'

/**
 * Declares the function that takes a name out of a module. A name that a CommonJS module hides from static analysis
 * is found on its `default`; one that is nowhere is an error, as in a file.
 */
export const picker =
  'const __jupyterpost_pick = (module, name, specifier) => {' +
  'if (name in module) return module[name];' +
  'const all = module.default;' +
  "if (all !== null && (typeof all === 'object' || typeof all === 'function') && name in all) return all[name];" +
  "throw new SyntaxError(`The requested module '${specifier}' does not provide an export named '${name}'`)" +
  '};'

export function importedNames(node: ImportDeclaration): string[] {
  return node.specifiers.map((specifier) => specifier.local.name)
}

/** Statements that do what the import does; `index` keeps the module's local name apart from others. */
export function importSource(
  node: ImportDeclaration | ExportNamedDeclaration | ExportAllDeclaration,
  index: number,
): string {
  const specifier = JSON.stringify(node.source?.value ?? '')
  const call = `await __jupyterpost.import(${specifier}${attributesOf(node.attributes)})`
  if (node.type !== 'ImportDeclaration' || node.specifiers.length === 0) return `;${call};`
  const module = `__jupyterpost_module_${index}`
  const names = node.specifiers.map((one) => {
    if (one.type === 'ImportNamespaceSpecifier') return `${one.local.name} = ${module};`
    const name = one.type === 'ImportDefaultSpecifier' ? 'default' : nameOf(one.imported)
    return `${one.local.name} = __jupyterpost_pick(${module}, ${JSON.stringify(name)}, ${specifier});`
  })
  return `;const ${module} = ${call};${names.join('')}`
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
