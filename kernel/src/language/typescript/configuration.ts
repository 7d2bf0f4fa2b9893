// The compiler's configuration of a notebook's virtual documents: that of the folder, if it has
// one, with what cells need on top.
import { existsSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { folderOptions } from '../../cell/folder-options.ts'
import { jsxLibrary } from '../../cell/jsx-library.ts'
import { parseTypeScript } from '../../cell/parse.ts'
import { typesFolder } from './program.ts'

export const CONFIGURATION = '__jupyterpost.json'
export const GLOBALS = '__jupyterpost_globals.d.ts'

const FOLDERS_OWN = 'tsconfig.json'

const CELL_NAMES = 'alert cell clearOutput comm confirm display input post prompt'.split(' ')

/**
 * What cells have without importing or installing it.
 * @param isPageGlobal - Whether `window` is a global, as after `%dom on`.
 */
export function globalsText(isPageGlobal: boolean): string {
  const own = JSON.stringify(ownTypes('index'))
  const names = CELL_NAMES.map((name) => `declare const ${name}: typeof import(${own}).${name}\n`)
  // That of the DOM, if a library brings its types.
  const page = `declare var document: typeof globalThis extends { Document: { prototype: infer Found } } ? Found : import(${own}).CellDocument\n`
  const window = isPageGlobal
    ? `declare var window: typeof globalThis extends { Window: { prototype: infer Found } } ? Found & typeof globalThis : typeof globalThis & { document: typeof document }\n`
    : ''
  const elements = JSON.stringify(ownTypes('jsx-runtime'))
  const modules = `declare module 'jupyterpost' { export * from ${own} }
declare module 'jupyterpost/jsx-runtime' { export * from ${elements} }
`
  return `${modules}${names.join('')}${page}${window}`
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
      ...jsxOf(folder),
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

/** Elements have the types of what makes them. */
function jsxOf(folder: string): Record<string, string> {
  const { jsx, jsxImportSource } = folderOptions(folder)
  if (jsx === 'react') return {}
  return {
    jsx: 'react-jsx',
    jsxImportSource: jsxImportSource ?? jsxLibrary(folder) ?? 'jupyterpost',
  }
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
function ownTypes(name: string): string {
  const extension = extname(fileURLToPath(import.meta.url)) === '.ts' ? '.ts' : '.d.ts'
  return join(import.meta.dirname, `../../api/${name}${extension}`)
}
