// Walking the ESTree of oxc-parser: children of a node, and the names a pattern binds.
import { visitorKeys } from 'oxc-parser'
import type { Node } from 'oxc-parser'

/** The nodes directly below `node`, in source order. */
export function children(node: Node): Node[] {
  const found: Node[] = []
  for (const key of visitorKeys[node.type] ?? []) {
    const child: unknown = Reflect.get(node, key)
    if (Array.isArray(child)) {
      for (const item of child) if (isNode(item)) found.push(item)
    } else if (isNode(child)) {
      found.push(child)
    }
  }
  return found
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value
}

/** Names bound by the target of a declaration: an identifier or a pattern at any depth. */
export function boundNames(pattern: Node): string[] {
  return boundIdentifiers(pattern).map(({ name }) => name)
}

/** The same names, with their places. */
export function boundIdentifiers(pattern: Node): Array<{ name: string; start: number }> {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern]
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        boundIdentifiers(property.type === 'RestElement' ? property.argument : property.value),
      )
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element ? boundIdentifiers(element) : []))
    case 'AssignmentPattern':
      return boundIdentifiers(pattern.left)
    case 'RestElement':
      return boundIdentifiers(pattern.argument)
    default:
      return []
  }
}

/** Names that a variable's declaration, a function's parameters or a `catch` bind. */
export function variablesOf(node: Node): string[] {
  switch (node.type) {
    case 'VariableDeclarator':
      return boundNames(node.id)
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return node.params.flatMap((one) => boundNames(one))
    case 'CatchClause':
      return node.param ? boundNames(node.param) : []
    default:
      return []
  }
}

/** Whether a node opens a scope of its own for `var`, `await` and `return`. */
export function isFunctionLike(node: Node, parent: Node): boolean {
  switch (node.type) {
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
    case 'StaticBlock':
      return true
    default:
      return (
        (parent.type === 'PropertyDefinition' || parent.type === 'AccessorProperty') &&
        node === parent.value
      )
  }
}

/** All names of variables, declared or used, and of properties. */
export function identifiers(root: Node): Set<string> {
  const found = new Set<string>()
  someNode(root, (node) => {
    if (node.type === 'Identifier') found.add(node.name)
    return false
  })
  return found
}

/** Whether any node below and with `root` is of a kind. */
export function someNode(root: Node, test: (node: Node) => boolean): boolean {
  return nodesOf(root).some(test)
}

/** The node and all below it, in no order. */
export function* nodesOf(root: Node): Generator<Node, undefined> {
  const pending = [root]
  for (let node = pending.pop(); node; node = pending.pop()) {
    yield node
    for (const child of children(node)) pending.push(child)
  }
}
