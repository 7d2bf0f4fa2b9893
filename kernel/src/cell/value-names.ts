// Which imported names a cell uses as values. TypeScript drops the others: their module may have
// only a type of that name.
import type { Node, Program } from 'oxc-parser'
import { children, variablesOf } from './syntax-tree.ts'

/** Nodes of TypeScript that hold values, not types. */
const VALUES: ReadonlySet<string> = new Set([
  'TSAsExpression',
  'TSSatisfiesExpression',
  'TSNonNullExpression',
  'TSTypeAssertion',
  'TSInstantiationExpression',
  'TSEnumDeclaration',
  'TSEnumBody',
  'TSEnumMember',
  'TSModuleDeclaration',
  'TSModuleBlock',
  'TSParameterProperty',
])

/**
 * Imported names that surely stand for a value somewhere in the cell. A name that an inner scope
 * also binds is left out: only running the cell shows which is meant.
 */
export function valueNames(program: Program): Set<string> {
  const used = new Set<string>()
  if (!program.body.some(({ type }) => type === 'ImportDeclaration')) return used
  const bound = new Set<string>()
  const pending: Node[] = program.body.filter(({ type }) => type !== 'ImportDeclaration')
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (node.type.startsWith('TS') && !VALUES.has(node.type)) continue
    if (node.type === 'Identifier') used.add(node.name)
    for (const name of namesBoundBy(node)) bound.add(name)
    const labels = labelsOf(node)
    pending.push(...children(node).filter((child) => !labels.includes(child)))
  }
  return used.difference(bound)
}

function namesBoundBy(node: Node): string[] {
  const variables = variablesOf(node)
  switch (node.type) {
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
    case 'ClassDeclaration':
    case 'ClassExpression':
      return node.id ? [...variables, node.id.name] : variables
    default:
      return variables
  }
}

/** Children that name something but are not variables. */
function labelsOf(node: Node): Array<Node | null> {
  switch (node.type) {
    case 'MemberExpression':
      return node.computed ? [] : [node.property]
    case 'Property':
    case 'MethodDefinition':
    case 'PropertyDefinition':
    case 'AccessorProperty':
      return node.computed ? [] : [node.key]
    case 'LabeledStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
      return [node.label]
    // Exporting has no effect in a cell.
    case 'ExportSpecifier':
      return [node.local, node.exported]
    case 'TSEnumMember':
      return [node.id]
    default:
      return []
  }
}
