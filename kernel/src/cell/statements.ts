// What the rewriter asks about statements of a cell.
import type { ExportDefaultDeclaration, Node, Statement } from 'oxc-parser'
import { valueMarker } from './lower.ts'

/** The expression inside the value's marker. */
export function markedValue(statement: Statement): Node | undefined {
  if (statement.type !== 'ExpressionStatement') return undefined
  const { expression } = statement
  const isMarked =
    expression.type === 'CallExpression' &&
    expression.callee.type === 'Identifier' &&
    expression.callee.name === valueMarker
  return isMarked ? expression.arguments[0] : undefined
}

/** `export {}`, which stripping types leaves behind. */
export function isExportList(statement: Statement): boolean {
  return statement.type === 'ExportNamedDeclaration' && !statement.declaration
}

export function isNamed(declaration: ExportDefaultDeclaration['declaration']): boolean {
  return 'id' in declaration && declaration.id !== null
}

export function isStatementList(node: Node): boolean {
  return (
    node.type === 'Program' ||
    node.type === 'BlockStatement' ||
    node.type === 'SwitchCase' ||
    node.type === 'ExportNamedDeclaration'
  )
}
