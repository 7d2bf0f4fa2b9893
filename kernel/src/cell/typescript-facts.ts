// What the rewriter must know about a cell and can no longer see once its types are stripped.
import type { Expression, Node, Program } from 'oxc-parser'
import type { DeclarationKind } from './compiled.ts'
import { children } from './syntax-tree.ts'

/** A final expression is the cell's value, also before `;`, but not `;;`. Types do not count. */
export function valueOf(program: Program): { expression: Expression | undefined } | undefined {
  const last = program.body.findLast((statement) => !isErased(statement))
  if (last?.type === 'ExpressionStatement') return { expression: last.expression }
  const isExport = last?.type === 'ExportDefaultDeclaration' || last?.type === 'TSExportAssignment'
  return isExport ? { expression: undefined } : undefined
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

/** Only old TypeScript has decorators on parameters; the standard's are on classes and members. */
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

/** Names for members of namespaces, `import a = N.b`, with the first name of each: `N`. */
export function aliasRoots(program: Program): Map<string, string> {
  const roots = new Map<string, string>()
  for (const statement of program.body) {
    const node = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    if (node?.type !== 'TSImportEqualsDeclaration') continue
    let first: Node = node.moduleReference
    while (first.type === 'TSQualifiedName') first = first.left
    if (first.type === 'Identifier') roots.set(node.id.name, first.name)
  }
  return roots
}

/** Names of enums and namespaces; these are fresh in each run of their cell. */
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
