// Which package manager a project is kept by, and its commands. Another one would ignore its lock
// file and rearrange `node_modules`.
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { NpmError } from './npm-error.ts'
import { readManifest, upwards } from './project.ts'
import type { Project } from './project.ts'

export type ManagerName = 'npm' | 'pnpm' | 'yarn' | 'bun'

/** What `%npm` asks of a package manager. */
export interface Wish {
  command: 'add' | 'remove'
  packages: readonly string[]
  isDev?: boolean
  isExact?: boolean
  ignoreScripts?: boolean
  legacyPeers?: boolean
}

const LOCKS: ReadonlyArray<readonly [file: string, manager: ManagerName]> = [
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
]

/** What says so is named, for the message if the manager is not there. */
export function managerOf({ folder }: Project): { name: ManagerName; because: string } {
  for (const at of workspace(folder)) {
    const file = join(at, 'package.json')
    const said = existsSync(file) ? readManifest(file).packageManager : undefined
    const named = LOCKS.find(([, name]) => typeof said === 'string' && said.startsWith(`${name}@`))
    if (named) return { name: named[1], because: `"packageManager" in ${file}` }
    const lock = LOCKS.find(([name]) => existsSync(join(at, name)))
    if (lock) return { name: lock[1], because: join(at, lock[0]) }
  }
  return { name: 'npm', because: '' }
}

/** The project's folder, and the root of its workspace if it has one. */
function workspace(folder: string): string[] {
  const [own = folder, ...above] = upwards(folder)
  const root = above.find((at) => {
    const file = join(at, 'package.json')
    if (existsSync(join(at, 'pnpm-workspace.yaml'))) return true
    return existsSync(file) && readManifest(file).workspaces !== undefined
  })
  return root === undefined ? [own] : [own, root]
}

/** @throws {NpmError} if there is no such program. */
export function requireProgram(
  { name, because }: { name: ManagerName; because: string },
  env: NodeJS.ProcessEnv,
): void {
  const folders = (env['PATH'] ?? '').split(delimiter)
  if (folders.some((folder) => folder !== '' && isExecutable(join(folder, name)))) return
  throw new NpmError(
    name === 'npm'
      ? `There is no npm, neither beside the Node of this kernel (${process.execPath}) nor on PATH. ` +
          'Install it, for example with Node from https://nodejs.org, and restart the kernel'
      : `${because} says that the project is kept by ${name}, which is not on PATH. ` +
          `Install it (\`! npm install --global ${name}\`), or use npm all the same: --npm`,
  )
}

/** Program and arguments. No word of a person comes before a flag of ours. */
export function commandOf(
  manager: ManagerName,
  project: Project,
  wish: Wish,
): [string, ...string[]] {
  const { command, packages, isDev, isExact, ignoreScripts, legacyPeers } = wish
  if (manager === 'npm') {
    return [
      'npm',
      command === 'add' ? 'install' : 'uninstall',
      '--json',
      '--loglevel=http',
      '--no-fund',
      '--no-progress',
      // Not where the environment or an .npmrc may say.
      '--location=project',
      '--global=false',
      ...when('--save-dev', isDev),
      ...when('--save-exact', isExact),
      ...when('--ignore-scripts', ignoreScripts),
      ...when('--legacy-peer-deps', legacyPeers),
      '--',
      ...packages,
    ]
  }
  const isRoot = existsSync(join(project.folder, 'pnpm-workspace.yaml'))
  return [
    manager,
    packages.length === 0 ? 'install' : command,
    ...when('--workspace-root', manager === 'pnpm' && isRoot && packages.length > 0),
    ...when(manager === 'bun' ? '--dev' : '-D', isDev),
    ...when(manager === 'bun' ? '--exact' : '-E', isExact),
    ...when('--ignore-scripts', ignoreScripts),
    ...packages,
  ]
}

function when(flag: string, on: boolean | undefined): string[] {
  return on === true ? [flag] : []
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    // ENOENT, or EACCES: we may not run it.
    return false
  }
}
