// Writes a name with the type that the checker told as a declaration of that type.
import type { Node } from 'oxc-parser'
import { parseTypeScript } from '../../cell/parse.ts'

/** UTF-16 units; the type of a large literal would cost more at each key than it is worth. */
const LONGEST = 20_000

type Typed = {
  name: string
  /** JSDoc, or nothing. */
  comment: string
  /** As TypeScript writes it. */
  type: string
} & ({ kind: 'let' | 'const'; init?: string } | { kind: 'function'; head: string })

/** In a type: an object that a whole module is, such as `import("events")<Names>`. */
const WHOLE_MODULE = '")<'

export function declarationText(typed: Typed): string {
  const { name, comment, type } = typed
  const text = `type _ = ${type}`
  const { program, errors } =
    type.length > LONGEST ? { program: undefined, errors: [] } : parseTypeScript(text)
  const [statement] = program?.body ?? []
  // Such as `(Anonymous class)`: there is no way to write it.
  const written =
    errors.length === 0 && statement?.type === 'TSTypeAliasDeclaration'
      ? statement.typeAnnotation
      : undefined
  if (typed.kind === 'function') {
    const result = written && resultOf(written)
    const resultText = result ? text.slice(result.start, result.end) : 'any'
    return `${comment}export declare function ${name}${typed.head}: ${resultText}`
  }
  // There may be no way to write its arguments outside of that module.
  if (typed.kind === 'const' && typed.init !== undefined && type.includes(WHOLE_MODULE)) {
    return `${comment}export const ${name} = ${typed.init}`
  }
  return `${comment}export declare ${typed.kind} ${name}: ${written ? type : 'any'}`
}

/** What a function gives back, if it is only a function: its type and no more. */
function resultOf(type: Node): { start: number; end: number } | undefined {
  return type.type === 'TSFunctionType' ? type.returnType.typeAnnotation : undefined
}
