// Where this package is, whether seen from its sources or from dist. All that the installer writes
// down are absolute paths below it.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'

const Manifest = z.object({ name: z.literal('jupyterpost'), version: z.string() })

function findRoot(folder: string): { root: string; version: string } {
  const path = join(folder, 'package.json')
  if (existsSync(path)) {
    const manifest = Manifest.safeParse(JSON.parse(readFileSync(path, 'utf8')))
    if (manifest.success) return { root: folder, version: manifest.data.version }
  }
  const above = dirname(folder)
  if (above === folder)
    throw new Error(`no package.json of jupyterpost above ${import.meta.dirname}`)
  return findRoot(above)
}

/** Folder of the package (a clone, or in node_modules) and its version. */
export const { root: packageRoot, version: packageVersion } = findRoot(import.meta.dirname)

/** What Jupyter starts: the compiled kernel. */
export const kernelMain = join(packageRoot, 'dist', 'kernel', 'src', 'main.js')

/** What pip installs on a Hub: `pip install "$(jupyterpost python-path)"`. */
export const pythonFolder = join(packageRoot, 'python')
