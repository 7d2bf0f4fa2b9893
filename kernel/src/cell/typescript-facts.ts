// What the rewriter must know of a cell and can no longer see once its types are stripped.
import type { Expression, Node, Program } from 'oxc-parser'
import type { DeclarationKind } from './compiled.ts'
import { children } from './syntax-tree.ts'

/** A cell that ends in an expression without `;` has a value; declarations of types do not count. */
export function valueOf(
  program: Program,
  text: string,
): { expression: Expression | undefined } | undefined {
  const last = program.body.findLast((statement) => !isErased(statement))
  if (!last || text[last.end - 1] === ';') return undefined
  if (last.type === 'ExpressionStatement') return { expression: last.expression }
  return last.type === 'ExportDefaultDeclaration' ? { expression: undefined } : undefined
}

/** Whether a statement is only for the type checker. */
export function isErased(statement: Node): boolean {
  switch (statement.type) {
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
      return true
    case 'ExportNamedDeclaration':
      return statement.exportKind === 'type'
    default:
      return 'declare' in statement && statement.declare
  }
}

/** Decorators of parameters are TypeScript's of old; those of the standard stand on classes and their members. */
export function parameterDecorator(program: Program): Node | undefined {
  const pending: Node[] = [program]
  for (let node = pending.pop(); node; node = pending.pop()) {
    if ('params' in node && Array.isArray(node.params)) {
      for (const parameter of node.params) {
        const [decorator] = 'decorators' in parameter ? (parameter.decorators ?? []) : []
        if (decorator) return decorator
      }
    }
    for (const child of children(node)) pending.push(child)
  }
  return undefined
}

/** Names of enums and namespaces, which are fresh in each run of their cell. */
export function typeScriptNames(program: Program): Map<string, DeclarationKind> {
  const kinds = new Map<string, DeclarationKind>()
  for (const statement of program.body) {
    const node: Node | null =
      statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (!node || isErased(node)) continue
    if (node.type === 'TSEnumDeclaration') kinds.set(node.id.name, 'enum')
    if (node.type === 'TSModuleDeclaration' && node.id.type === 'Identifier') {
      kinds.set(node.id.name, 'namespace')
    }
  }
  return kinds
}

/** Nodes of TypeScript that hold values, not types. */
const valueNodes = new Set<string>([
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

/** Names that stand in types and nowhere else: an import of one may find only a type in its module. */
export function typeOnlyNames(program: Program): Set<string> {
  const types = new Set<string>()
  if (!program.body.some((statement) => statement.type === 'ImportDeclaration')) return types
  const values = new Set<string>()
  const pending = program.body
    .filter((statement) => statement.type !== 'ImportDeclaration')
    .map((node): { node: Node; isType: boolean } => ({ node, isType: false }))
  for (let next = pending.pop(); next; next = pending.pop()) {
    const { node, isType } = next
    if (node.type === 'Identifier') (isType ? types : values).add(node.name)
    const below = isType || (node.type.startsWith('TS') && !valueNodes.has(node.type))
    for (const child of children(node)) pending.push({ node: child, isType: below })
  }
  return types.difference(values)
}
