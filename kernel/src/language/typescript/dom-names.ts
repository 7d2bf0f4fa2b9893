// Names that TypeScript knows of web pages. As types they are right in a file, and so is asking
// `typeof window`; as values a notebook has none of them.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Node } from 'oxc-parser'
import { parseTypeScript } from '../../cell/parse.ts'
import { nodesOf } from '../../cell/syntax-tree.ts'
import { typescriptProgram } from './program.ts'

let names: ReadonlySet<string> | undefined

/** Offsets at which a text uses such a name without needing its value. */
export function domUses(text: string): Set<number> {
  names ??= readNames()
  const found = new Set<number>()
  for (const node of nodesOf(parseTypeScript(text).program)) {
    const name = withoutValue(node)
    if (name && names.has(text.slice(name.start, name.end))) found.add(name.start)
  }
  return found
}

function withoutValue(node: Node): Node | undefined {
  switch (node.type) {
    case 'TSTypeReference':
      return node.typeName
    case 'TSTypeQuery':
      return node.exprName
    case 'TSInterfaceHeritage':
    case 'TSClassImplements':
      return node.expression
    case 'UnaryExpression':
      return node.operator === 'typeof' ? node.argument : undefined
    default:
      return undefined
  }
}

function readNames(): ReadonlySet<string> {
  const text = readFileSync(join(dirname(typescriptProgram()), 'lib.dom.d.ts'), 'utf8')
  const declared = /^(?:declare )?(?:var|function|interface|type|namespace) (\w+)/gm
  return new Set(text.matchAll(declared).map(([, name = '']) => name))
}
