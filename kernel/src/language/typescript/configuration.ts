// The compiler's configuration of a notebook's virtual documents: that of the folder, if it has
// one, with what cells need on top.
import { statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { configurationFile, folderOptions } from '../../cell/folder-options.ts'
import { jsxLibrary } from '../../cell/jsx-library.ts'
import { typesFolder } from './program.ts'
import { projectConfig } from './project-config.ts'
import type { ProjectConfig } from './project-config.ts'

export const CONFIGURATION = '__jupyterpost.json'
export const GLOBALS = '__jupyterpost_globals.d.ts'

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
  // As where the DOM's library is used: @types/node alone says `unknown`.
  const fetched = `interface Response { json(): Promise<any> }
interface Request { json(): Promise<any> }
`
  return `${modules}${names.join('')}${page}${window}${fetched}`
}

/** Differs once the folder's `tsconfig.json` was written, made or removed. */
export function configurationState(folder: string): string {
  const file = configurationFile(folder)
  const written = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false })
  return `${file} ${written?.mtimeMs}`
}

/** @param log - Gets a line about a configuration that cannot be used. */
export function configurationText(
  folder: string,
  documents: readonly string[],
  log: (line: string) => void,
): string {
  const file = configurationFile(folder)
  const project = file === undefined ? undefined : projectOf(file, log)
  const isUsable = project !== undefined
  return JSON.stringify({
    ...(isUsable ? { extends: file } : {}),
    compilerOptions: {
      // A notebook without a project: strict types, and what a `catch` gets has members without a
      // question. No annotation is demanded (`diagnostics.ts` leaves that out), but
      // `noImplicitAny: false` would make `[]` a `never[]` and `null` the only value of its `let`.
      ...(isUsable ? {} : { strict: true, useUnknownInCatchVariables: false }),
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
      ...(project?.paths ? { paths: project.paths } : {}),
      // No longer known to TypeScript 7, or only for what is written.
      baseUrl: null,
      outFile: null,
      rootDir: null,
      downlevelIteration: null,
      allowSyntheticDefaultImports: true,
      alwaysStrict: true,
    },
    // The server would run `npm install @types/…` by itself, again and again.
    typeAcquisition: { enable: false },
    files: documents,
    include: project?.include ?? [],
  })
}

/** Whether the folder's tsconfig decides how strict cells are. */
export function hasOwnOptions(folder: string): boolean {
  const file = configurationFile(folder)
  return file !== undefined && projectOf(file, () => undefined) !== undefined
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

/** Undefined if it cannot be used. */
function projectOf(file: string, log: (line: string) => void): ProjectConfig | undefined {
  try {
    return projectConfig(file)
  } catch (error) {
    // It does not parse, may not be read, or extends what is not there.
    if (!Error.isError(error)) throw error
    log(`${file} is not used for completion: ${error.message}`)
    return undefined
  }
}

/** The types of this package: of its build, or its sources where they run. */
function ownTypes(name: string): string {
  const extension = extname(fileURLToPath(import.meta.url)) === '.ts' ? '.ts' : '.d.ts'
  return join(import.meta.dirname, `../../api/${name}${extension}`)
}
