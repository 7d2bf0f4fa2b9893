// The file name of the notebook, for the first line of a post. Kernels are not told it: Jupyter's
// server names it when it starts one, VS Code with each cell.
import limits from '../../../post/contract/limits.json' with { type: 'json' }
import { firstUnits } from '../../../post/contract/units.ts'

/** In UTF-16 units. */
const LONGEST = limits.manifest.notebook
/** VS Code gives sessions at a server this ending. */
const MADE_UP = /-jvsc-[0-9a-f-]{1,40}$/

/** The last part of `JPY_SESSION_NAME`, which Jupyter sets to the notebook's path or to an id. */
export function notebookOfSession(env: NodeJS.ProcessEnv): string | undefined {
  return fileName(env.JPY_SESSION_NAME ?? '')
}

/**
 * From the metadata of an `execute_request`: VS Code's `cellId` is the address of the cell,
 * `vscode-notebook-cell:/home/ada/train.ipynb#W0sZmlsZQ`. Other clients send an id.
 */
export function notebookOfCell({ cellId }: Record<string, unknown>): string | undefined {
  if (typeof cellId !== 'string' || !cellId.startsWith('vscode-notebook-cell:')) return undefined
  const path = URL.parse(cellId)?.pathname
  return path === undefined ? undefined : fileName(decoded(path))
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    // A URIError: a percent sign that stands for itself.
    return path
  }
}

function fileName(path: string): string | undefined {
  const last = path.split(/[/\\]/).at(-1) ?? ''
  const name = last.replace(/\.ipynb$/, '').replace(MADE_UP, '')
  const isNotebook = last.endsWith('.ipynb') || MADE_UP.test(last)
  if (!isNotebook || name === '') return undefined
  return `${firstUnits(name.replace(/\.ipynb$/, ''), LONGEST - '.ipynb'.length)}.ipynb`
}
