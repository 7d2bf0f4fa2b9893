// Writes a name with the type that the checker told as a declaration of that type.
import type { Node } from 'oxc-parser'
import { parseTypeScript } from '../../cell/parse.ts'

/** UTF-16 units; the type of a large literal would cost more at each key than it is worth. */
const LONGEST = 20_000

interface Typed {
  name: string
  kind: 'let' | 'const' | 'function'
  /** JSDoc, or nothing. */
  comment: string
  /** As TypeScript writes it. */
  type: string
}

export function declarationText({ name, kind, comment, type }: Typed): string {
  const head = `type _ = `
  const text = `${head}${type}`
  const { program, errors } =
    type.length > LONGEST ? { program: undefined, errors: [] } : parseTypeScript(text)
  const [statement] = program?.body ?? []
  // Such as `(Anonymous class)`: there is no way to write it.
  if (errors.length > 0 || statement?.type !== 'TSTypeAliasDeclaration') {
    return `${comment}export declare ${variable(kind)} ${name}: any`
  }
  const signatures = kind === 'function' ? signaturesOf(statement.typeAnnotation) : []
  if (signatures.length === 0) return `${comment}export declare ${variable(kind)} ${name}: ${type}`
  return signatures
    .map(
      ({ start, end, arrow }) =>
        `${comment}export declare function ${name}${text.slice(start, arrow.start)}: ${text.slice(arrow.end, end)}`,
    )
    .join('\n')
}

function variable(kind: Typed['kind']): 'let' | 'const' {
  return kind === 'let' ? 'let' : 'const'
}

interface SignatureText {
  start: number
  end: number
  /** Between parameters and result: `=>` or `:`. */
  arrow: { start: number; end: number }
}

/** None if it is more than what can be called. */
function signaturesOf(type: Node): SignatureText[] {
  if (type.type === 'TSFunctionType') {
    const { start } = type.returnType
    return [
      {
        start: type.start,
        end: type.end,
        arrow: { start, end: type.returnType.typeAnnotation.start },
      },
    ]
  }
  if (type.type !== 'TSTypeLiteral') return []
  const found: SignatureText[] = []
  for (const member of type.members) {
    if (member.type !== 'TSCallSignatureDeclaration' || !member.returnType) return []
    const { returnType } = member
    found.push({
      start: member.start,
      end: returnType.end,
      arrow: { start: returnType.start, end: returnType.typeAnnotation.start },
    })
  }
  return found
}
