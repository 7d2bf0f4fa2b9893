// Where a cell means a `document` that it does not declare: that of the kernel, unless another cell
// declares one. A name that a function, or the cell outside functions, declares anywhere counts as
// its own.
import type { BindingProperty, Node, Program } from 'oxc-parser'
import { children, isFunctionLike, variablesOf } from './syntax-tree.ts'

const NAME = 'document'

export interface FreeName {
  start: number
  end: number
  /** `{ document }` */
  isShorthand: boolean
}

interface Scope {
  above: Scope | undefined
  declares: boolean
}

interface Step {
  node: Node
  parent: Node
  scope: Scope
}

/** @param code - The text of the program; most have no such name, and are not walked. */
export function freeDocument(program: Program, code: string): FreeName[] {
  if (!code.includes(NAME)) return []
  const found: Array<FreeName & { scope: Scope }> = []
  const top: Scope = { above: undefined, declares: false }
  const pending: Step[] = program.body.map((node) => ({ node, parent: program, scope: top }))
  for (let step = pending.pop(); step; step = pending.pop()) {
    const { node, parent, scope: outer } = step
    const scope = isFunctionLike(node, parent) ? { above: outer, declares: false } : outer
    if (namesOf(node).includes(NAME)) scope.declares = true
    // The name of a function or class belongs around it.
    if (isDeclarationOfName(node)) outer.declares = true
    if (node.type === 'Identifier' && node.name === NAME && isReference(node, parent)) {
      const { start, end } = node
      found.push({ start, end, isShorthand: isShorthand(parent), scope })
    }
    if (isTarget(node, parent)) {
      if (node.computed) pending.push({ node: node.key, parent: node, scope })
      continue
    }
    for (const child of children(node)) pending.push({ node: child, parent: node, scope })
  }
  return found.filter(({ scope }) => !isDeclared(scope))
}

function isDeclared(scope: Scope): boolean {
  for (let one: Scope | undefined = scope; one; one = one.above) if (one.declares) return true
  return false
}

function namesOf(node: Node): string[] {
  return node.type === 'ImportDeclaration'
    ? node.specifiers.map(({ local }) => local.name)
    : variablesOf(node)
}

function isDeclarationOfName(node: Node): boolean {
  switch (node.type) {
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ClassDeclaration':
    case 'ClassExpression':
      return node.id?.name === NAME
    default:
      return false
  }
}

/** Neither a key nor a target: an undeclared name cannot be assigned. */
function isReference(node: Node, parent: Node): boolean {
  switch (parent.type) {
    case 'MemberExpression':
      return parent.computed || parent.property !== node
    case 'Property':
      return parent.value === node || parent.computed
    case 'MethodDefinition':
    case 'PropertyDefinition':
    case 'AccessorProperty':
      return parent.computed || parent.key !== node
    case 'AssignmentExpression':
    case 'AssignmentPattern':
    case 'ForInStatement':
    case 'ForOfStatement':
      return parent.left !== node
    case 'UpdateExpression':
    case 'RestElement':
    case 'ArrayPattern':
    case 'LabeledStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
    case 'ExportSpecifier':
    case 'MetaProperty':
      return false
    default:
      return true
  }
}

/** `({ document } = found)` assigns the name. */
function isTarget(node: Node, parent: Node): node is BindingProperty {
  return (
    node.type === 'Property' && parent.type === 'ObjectPattern' && node.value.type === 'Identifier'
  )
}

function isShorthand(parent: Node): boolean {
  return parent.type === 'Property' && parent.shorthand
}
