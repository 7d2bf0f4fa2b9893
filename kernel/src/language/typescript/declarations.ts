// What a cell that ran leaves to later ones, as declarations: classes, interfaces, enums and the
// like as they were written, imports name by name, and for the rest an offset at which the checker
// is asked for its type. So a later cell needs no inference through all earlier ones.
import type { ImportDeclaration, ImportDeclarationSpecifier, Node, Program } from 'oxc-parser'
import { parseTypeScript } from '../../cell/parse.ts'
import { boundIdentifiers } from '../../cell/syntax-tree.ts'

export type Declared = { name: string } &
  /** As it was written; `shown` is its kind for a front end, unless it is imported. */
  (
    | { text: string; shown?: string }
    /** @param kind - Of a name whose type the checker knows; `comment` is its JSDoc. */
    | { kind: 'let' | 'const' | 'function'; comment: string; offset: number }
  )

const SHOWN = {
  ClassDeclaration: 'class',
  TSInterfaceDeclaration: 'interface',
  TSTypeAliasDeclaration: 'class',
  TSEnumDeclaration: 'enum',
  TSModuleDeclaration: 'module',
}

/** @param code - Without magics. Undefined if it does not parse. */
export function declarationsOf(code: string): Declared[] | undefined {
  const { program, errors } = parseTypeScript(code)
  return errors.length > 0 ? undefined : declaredBy(program, code)
}

function declaredBy(program: Program, code: string): Declared[] {
  const found: Declared[] = []
  let end = 0
  for (const statement of program.body) {
    const comment = lastComment(code.slice(end, statement.start))
    end = statement.end
    const isExport =
      statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration'
    const node: Node | null = isExport ? statement.declaration : statement
    if (node) found.push(...declaredIn(node, { code, comment }))
  }
  return found
}

function declaredIn(node: Node, { code, comment }: { code: string; comment: string }): Declared[] {
  switch (node.type) {
    case 'ImportDeclaration':
      return importedBy(node, code)
    case 'VariableDeclaration': {
      const kind = node.kind === 'let' || node.kind === 'var' ? 'let' : 'const'
      return node.declarations
        .flatMap((declarator) => boundIdentifiers(declarator.id))
        .map(({ name, start }) => ({ name, kind, comment, offset: start }))
    }
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
      if (!node.id) return []
      return [{ name: node.id.name, kind: 'function', comment, offset: node.id.start }]
    case 'ClassDeclaration':
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
    case 'TSEnumDeclaration':
    case 'TSModuleDeclaration': {
      if (node.id?.type !== 'Identifier') return []
      const text = `${comment}export ${textOf(node, code)}`
      return [{ name: node.id.name, text, shown: SHOWN[node.type] }]
    }
    case 'TSImportEqualsDeclaration':
      return [{ name: node.id.name, text: `${textOf(node, code)}; export { ${node.id.name} }` }]
    default:
      return []
  }
}

function importedBy(node: ImportDeclaration, code: string): Declared[] {
  const last = node.attributes.at(-1)
  const first = node.attributes[0]
  const attributes = first && last ? ` with { ${code.slice(first.start, last.end)} }` : ''
  const word = node.importKind === 'type' ? 'import type' : 'import'
  const from = `from ${code.slice(node.source.start, node.source.end)}${attributes}`
  return node.specifiers.map((specifier) => {
    const { name } = specifier.local
    return { name, text: `${word} ${bindingOf(specifier, code)} ${from}; export { ${name} }` }
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
