// What JSX becomes, in cells and in the files that they import: calls of the runtime that the
// folder has, unless its tsconfig.json or a comment (`@jsx`, `@jsxImportSource`) asks for others.

export interface JsxOptions {
  runtime: 'automatic' | 'classic'
  importSource?: string
  /** With `classic`: the functions that make an element and a fragment. */
  pragma?: string
  pragmaFrag?: string
  /** No names of files in elements. */
  development: false
  /** `<use xlink:href="#a" />` is usual in drawings. */
  throwIfNamespace: false
}

/** Stands for the runtime of the folder that imports it; found when the code runs. */
export const FOLDERS_JSX = 'jupyterpost:jsx'

/** What a `tsconfig.json` says about it. */
export interface JsxCompilerOptions {
  jsx?: string
  jsxImportSource?: string
  jsxFactory?: string
  jsxFragmentFactory?: string
  reactNamespace?: string
}

const ALWAYS = { development: false, throwIfNamespace: false } as const

/** Options of oxc-transform and of swc. */
export function jsxOptionsOf(options: JsxCompilerOptions): JsxOptions {
  const { jsx, jsxImportSource, jsxFactory, jsxFragmentFactory, reactNamespace = 'React' } = options
  if (jsx?.toLowerCase() !== 'react') {
    const importSource = jsxImportSource ?? FOLDERS_JSX
    return { ...ALWAYS, runtime: 'automatic', importSource }
  }
  const pragma = jsxFactory ?? `${reactNamespace}.createElement`
  const pragmaFrag = jsxFragmentFactory ?? 'React.Fragment'
  return { ...ALWAYS, runtime: 'classic', pragma, pragmaFrag }
}
