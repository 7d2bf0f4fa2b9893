// The compiler's configuration of a notebook's virtual documents: that of the folder, if it has
// one, with what cells need on top.
import { existsSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseTypeScript } from '../../cell/parse.ts'
import { typesFolder } from './program.ts'

export const CONFIGURATION = '__jupyterpost.json'
export const GLOBALS = '__jupyterpost_globals.d.ts'

const FOLDERS_OWN = 'tsconfig.json'

const CELL_NAMES = 'alert cell clearOutput comm confirm display input post prompt'.split(' ')

/** What cells have without importing or installing it. */
export function globalsText(): string {
  const own = JSON.stringify(ownTypes())
  const names = CELL_NAMES.map((name) => `declare const ${name}: typeof import(${own}).${name}\n`)
  return `declare module 'jupyterpost' { export * from ${own} }\n${names.join('')}`
}

/** @param log - Gets a line about a configuration that cannot be used. */
export function configurationText(
  folder: string,
  documents: readonly string[],
  log: (line: string) => void,
): string {
  const isUsable = existsSync(join(folder, FOLDERS_OWN)) && isReadable(folder, log)
  return JSON.stringify({
    ...(isUsable ? { extends: `./${FOLDERS_OWN}` } : {}),
    compilerOptions: {
      // A notebook without a project: strict types, but no annotation is demanded, and what a
      // `catch` gets has members without a question.
      ...(isUsable
        ? {}
        : { strict: true, noImplicitAny: false, useUnknownInCatchVariables: false }),
      target: 'esnext',
      lib: ['esnext'],
      module: 'esnext',
      moduleResolution: 'bundler',
      moduleDetection: 'force',
      types: ['node'],
      typeRoots: [join(folder, 'node_modules/@types'), typesFolder()],
      allowJs: true,
      maxNodeModuleJsDepth: 1,
      resolveJsonModule: true,
      allowImportingTsExtensions: true,
      esModuleInterop: true,
      isolatedModules: false,
      verbatimModuleSyntax: false,
      skipLibCheck: true,
      noEmit: true,
      composite: false,
      incremental: false,
      // No longer known to TypeScript 7.
      baseUrl: null,
    },
    files: documents,
    include: [],
  })
}

/** JSON with comments and commas as TypeScript reads it, which is an expression of TypeScript. */
function isReadable(folder: string, log: (line: string) => void): boolean {
  const { program, errors } = parseTypeScript(
    `(${readFileSync(join(folder, FOLDERS_OWN), 'utf8')}\n)`,
  )
  const [statement] = program.body
  const isObject =
    statement?.type === 'ExpressionStatement' &&
    statement.expression.type === 'ParenthesizedExpression' &&
    statement.expression.expression.type === 'ObjectExpression'
  if (errors.length === 0 && isObject) return true
  log(
    `${join(folder, FOLDERS_OWN)} is not used for completion: ${errors[0]?.message ?? 'it is no JSON object'}`,
  )
  return false
}

/** The types of this package: of its build, or its sources where they run. */
function ownTypes(): string {
  const extension = extname(fileURLToPath(import.meta.url)) === '.ts' ? '.ts' : '.d.ts'
  return join(import.meta.dirname, `../../api/index${extension}`)
}
