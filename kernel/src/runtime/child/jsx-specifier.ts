// What the compiler's import of a JSX runtime means when a cell runs.
import { jsxLibrary } from '../../cell/jsx-library.ts'
import { FOLDERS_JSX } from '../../cell/jsx-options.ts'

export const OWN_JSX = 'jupyterpost/jsx-runtime'

/**
 * Other specifiers stay as they are. Asked anew for each cell: what was installed meanwhile counts
 * from the next one on.
 */
export function jsxSpecifier(specifier: string, folder: string): string {
  if (!specifier.startsWith(FOLDERS_JSX)) return specifier
  const library = jsxLibrary(folder)
  return library === undefined ? OWN_JSX : library + specifier.slice(FOLDERS_JSX.length)
}
