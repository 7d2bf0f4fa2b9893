// The kernelspec on disk: filled in from the template, put in place at once, and removed only if it
// is ours. A reader never sees half of it: the folder is written under another name, then renamed.
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { kernelMain, packageRoot, packageVersion } from './package-root.ts'

/** What Jupyter accepts (jupyter_client/kernelspec.py); it must also be a folder's name. */
const KERNEL_NAME = /^[a-z0-9][a-z0-9._-]*$/i

/** The parts of a kernel.json that we read; ours has `metadata.jupyterpost`. */
const KernelJson = z.looseObject({
  argv: z.array(z.string()),
  display_name: z.string(),
  metadata: z.looseObject({ jupyterpost: z.looseObject({}).optional() }).optional(),
})
export type KernelJson = z.infer<typeof KernelJson>

/** kernel.json of a kernelspec folder; undefined if none can be read. */
export function readKernelspec(folder: string): KernelJson | undefined {
  const path = join(folder, 'kernel.json')
  if (!existsSync(path)) return undefined
  try {
    return KernelJson.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data
  } catch (error) {
    if (Error.isError(error) && error.name === 'SyntaxError') return undefined
    throw error
  }
}

export const isOurs = (spec: KernelJson): boolean => spec.metadata?.jupyterpost !== undefined

/**
 * The template with absolute paths of this Node and package: a Jupyter started from a menu has no
 * PATH.
 */
function kernelJson(displayName: string | undefined): KernelJson {
  const template = KernelJson.parse(
    JSON.parse(readFileSync(join(packageRoot, 'kernel/kernelspec/kernel.json'), 'utf8')),
  )
  const paths: Record<string, string> = { '{node}': process.execPath, '{main}': kernelMain }
  return {
    ...template,
    argv: template.argv.map((word) => paths[word] ?? word),
    display_name: displayName ?? template.display_name,
    metadata: { ...template.metadata, jupyterpost: { version: packageVersion } },
  }
}

function checkName(name: string): void {
  if (KERNEL_NAME.test(name)) return
  throw new Error(
    `"${name}" is not a kernel name: expected letters, digits, ".", "_" and "-", with a letter or digit first.`,
  )
}

function checkOurs(folder: string, advice: string): void {
  if (!existsSync(folder)) return
  const spec = readKernelspec(folder)
  if (spec !== undefined && isOurs(spec)) return
  throw new Error(`${folder} belongs to another kernel. ${advice}`)
}

/**
 * Writes the kernelspec `name` below `dataDir`; replaces an older one of ours.
 * @returns The folder.
 * @throws {Error} if the kernel is not built, the name is invalid or another program's.
 */
export function installKernelspec(
  dataDir: string,
  options: { name: string; displayName?: string | undefined },
): string {
  checkName(options.name)
  if (!existsSync(kernelMain))
    throw new Error(`${kernelMain} is missing: run \`npm run build\` in ${packageRoot} first.`)
  const kernels = join(dataDir, 'kernels')
  const folder = join(kernels, options.name)
  checkOurs(folder, 'Choose another name with --name, or remove that kernel first.')
  // Jupyter's own search skips names with a leading dot.
  const fresh = join(kernels, `.${options.name}.new.${process.pid}`)
  const old = join(kernels, `.${options.name}.old.${process.pid}`)
  mkdirSync(fresh, { recursive: true })
  try {
    for (const logo of ['logo-32x32.png', 'logo-64x64.png', 'logo-svg.svg'])
      cpSync(join(packageRoot, 'kernel/kernelspec', logo), join(fresh, logo))
    writeFileSync(
      join(fresh, 'kernel.json'),
      `${JSON.stringify(kernelJson(options.displayName), null, 2)}\n`,
    )
    if (existsSync(folder)) renameSync(folder, old)
    renameSync(fresh, folder)
  } finally {
    rmSync(fresh, { recursive: true, force: true })
    rmSync(old, { recursive: true, force: true })
  }
  return folder
}

/**
 * Removes the kernelspec `name` below `dataDir`.
 * @returns The folder, or undefined if there was none.
 * @throws {Error} if another program's kernelspec has that name.
 */
export function removeKernelspec(dataDir: string, name: string): string | undefined {
  checkName(name)
  const folder = join(dataDir, 'kernels', name)
  if (!existsSync(folder)) return undefined
  checkOurs(folder, 'It was left as it is.')
  rmSync(folder, { recursive: true })
  return folder
}
