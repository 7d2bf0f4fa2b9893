// What a cell that ran leaves to later ones, as declarations: classes, interfaces, enums, and what
// has annotations as they were written, imports name by name, and for the rest an offset at which
// the checker is asked for its type. So a later cell needs no inference through all earlier ones.
import type {
  ImportDeclaration,
  ImportDeclarationSpecifier,
  Node,
  Function as OxcFunction,
  Program,
} from 'oxc-parser'
import { parseTypeScript } from '../../cell/parse.ts'
import { boundIdentifiers, boundNames, someNode } from '../../cell/syntax-tree.ts'

export type Declared = Written | Asked

/** As it was written. */
export interface Written {
  name: string
  text: string
  meaning: 'value' | 'type' | 'both'
  /** Its kind for a front end, unless it is imported. */
  shown?: string
  type?: string
  isOverload?: boolean
}

/** What the checker is asked about; `comment` is its JSDoc. */
export type Asked = { name: string; comment: string; offset: number } &
  /** @param init - What a constant is made by, if that is short. */
  (
    | { kind: 'let' | 'const'; annotation?: string; hasValue: boolean; init?: string }
    /** @param head - What is written before its result: `<T>(value: T)`. */
    | { kind: 'function'; head: string }
  )

/** What a cell leaves. */
export interface Left {
  declared: Declared[]
  /** Names that it assigns. */
  assigned: Set<string>
  /** Names and the statements that declare them. */
  sources: Map<string, string>
}

/** UTF-16 units of what makes a constant, to be kept. */
const SHORT = 200

const SHOWN = {
  ClassDeclaration: 'class',
  TSInterfaceDeclaration: 'interface',
  TSTypeAliasDeclaration: 'class',
  TSEnumDeclaration: 'enum',
  TSModuleDeclaration: 'module',
}

/** @param code - Without magics. Undefined if it does not parse. */
export function declarationsOf(code: string): Declared[] | undefined {
  return leftBy(code)?.declared
}

/** @param code - Without magics. Undefined if it does not parse. */
export function leftBy(code: string): Left | undefined {
  const { program, errors } = parseTypeScript(code)
  if (errors.length > 0) return undefined
  const declared: Declared[] = []
  const sources = new Map<string, string>()
  let end = 0
  for (const statement of program.body) {
    const comment = lastComment(code.slice(end, statement.start))
    end = statement.end
    const isExport =
      statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration'
    const node: Node | null = isExport ? statement.declaration : statement
    for (const one of node ? declaredIn(node, { code, comment }) : []) {
      const before = sources.get(one.name)
      const text = `${comment}${textOf(statement, code)}`
      sources.set(one.name, before === undefined || before === text ? text : `${before}\n${text}`)
      declared.push(one)
    }
  }
  return { declared: withoutImplementations(declared), assigned: assignedBy(program), sources }
}

function assignedBy(program: Program): Set<string> {
  const names = new Set<string>()
  someNode(program, (node) => {
    const target =
      node.type === 'AssignmentExpression'
        ? node.left
        : node.type === 'UpdateExpression'
          ? node.argument
          : undefined
    if (target) for (const name of boundNames(target)) names.add(name)
    return false
  })
  return names
}

/** Of a function with overloads only those can be called. */
function withoutImplementations(declared: Declared[]): Declared[] {
  const isOverload = (one: Declared): boolean => 'isOverload' in one && one.isOverload
  const names = new Set(declared.filter(isOverload).map(({ name }) => name))
  return names.size === 0
    ? declared
    : declared.filter((one) => isOverload(one) || !names.has(one.name))
}

function declaredIn(node: Node, { code, comment }: { code: string; comment: string }): Declared[] {
  switch (node.type) {
    case 'ImportDeclaration':
      return importedBy(node, code)
    case 'VariableDeclaration': {
      const kind = node.kind === 'let' || node.kind === 'var' ? 'let' : 'const'
      return node.declarations.flatMap(({ id, init }) => {
        const annotation =
          id.type === 'Identifier' && id.typeAnnotation
            ? { annotation: textOf(id.typeAnnotation.typeAnnotation, code) }
            : {}
        const made =
          id.type === 'Identifier' &&
          init?.type === 'NewExpression' &&
          init.end - init.start < SHORT
            ? { init: textOf(init, code) }
            : {}
        return boundIdentifiers(id).map(({ name, start }) => {
          return {
            name,
            kind,
            comment,
            offset: start,
            hasValue: init !== null,
            ...annotation,
            ...made,
          }
        })
      })
    }
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
      return node.id ? [functionOf(node, node.id, { code, comment })] : []
    case 'ClassDeclaration':
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
    case 'TSEnumDeclaration':
    case 'TSModuleDeclaration': {
      if (node.id?.type !== 'Identifier') return []
      const text = `${comment}export ${textOf(node, code)}`
      const isType =
        node.type === 'TSInterfaceDeclaration' || node.type === 'TSTypeAliasDeclaration'
      const meaning = isType ? 'type' : 'both'
      return [{ name: node.id.name, text, meaning, shown: SHOWN[node.type] }]
    }
    case 'TSImportEqualsDeclaration': {
      const { name } = node.id
      return [{ name, text: `${textOf(node, code)}; export { ${name} }`, meaning: 'both' }]
    }
    default:
      return []
  }
}

function functionOf(
  { type, returnType, body, end }: OxcFunction,
  { name, start: offset, end: nameEnd }: { name: string; start: number; end: number },
  { code, comment }: { code: string; comment: string },
): Declared {
  const bodyStart = body?.start ?? end
  const head = code.slice(nameEnd, returnType?.start ?? bodyStart).trim()
  const isOverload = type === 'TSDeclareFunction'
  if (!returnType && !isOverload) return { name, kind: 'function', comment, offset, head }
  const whole = code.slice(nameEnd, returnType?.end ?? bodyStart).trim()
  const text = `${comment}export declare function ${name}${whole}`
  return { name, text, meaning: 'value', shown: 'function', type: whole, isOverload }
}

function importedBy(node: ImportDeclaration, code: string): Declared[] {
  const last = node.attributes.at(-1)
  const first = node.attributes[0]
  const attributes = first && last ? ` with { ${code.slice(first.start, last.end)} }` : ''
  const word = node.importKind === 'type' ? 'import type' : 'import'
  const from = `from ${code.slice(node.source.start, node.source.end)}${attributes}`
  return node.specifiers.map((specifier) => {
    const { name } = specifier.local
    const text = `${word} ${bindingOf(specifier, code)} ${from}; export { ${name} }`
    const isType =
      node.importKind === 'type' ||
      (specifier.type === 'ImportSpecifier' && specifier.importKind === 'type')
    return { name, text, meaning: isType ? 'type' : 'both' }
  })
}

function bindingOf(specifier: ImportDeclarationSpecifier, code: string): string {
  const text = code.slice(specifier.start, specifier.end)
  return specifier.type === 'ImportSpecifier' ? `{ ${text} }` : text
}

function textOf({ start, end }: Node, code: string): string {
  return code.slice(start, end)
}

/** The JSDoc right before a statement, with a blank after it. */
function lastComment(gap: string): string {
  const text = gap.trimEnd()
  if (!text.endsWith('*/')) return ''
  const start = text.lastIndexOf('/**')
  return start < 0 ? '' : `${text.slice(start)} `
}
