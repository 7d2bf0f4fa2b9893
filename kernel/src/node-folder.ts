// Puts the kernel's own Node first on the PATH of everything that cells start, through a folder
// with only `node`, `npm` and `npx`. The folder of that Node is not used, because it may also
// contain a `python` that hides the one of a virtual environment.
import { createHash } from 'node:crypto'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { stateFolder } from '../../post/relay/folders.ts'

/** The PATH that a shell uses if there is none. */
const NO_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
/** npm's place in an installation of Node, from the folder of the program `node`. */
const NPM = '../lib/node_modules/npm/bin/npm-cli.js'

/**
 * PATH with that folder first. The folder is made once and shared by all kernels that use this
 * Node.
 *
 * @param node - Absolute path of the program.
 * @returns PATH unchanged if the folder cannot be made; the log says why.
 */
export function pathWithNode(
  env: NodeJS.ProcessEnv,
  node: string,
  log: (line: string) => void,
): string {
  const path = env['PATH'] || NO_PATH
  try {
    const folder = nodeFolder(env, node, path)
    return [folder, ...path.split(delimiter).filter((one) => one !== folder)].join(delimiter)
  } catch (error) {
    log(
      `commands of cells find another Node than ${process.version}: ${Error.isError(error) ? error.message : String(error)}`,
    )
    return path
  }
}

function nodeFolder(env: NodeJS.ProcessEnv, node: string, path: string): string {
  const npm = npmProgram(node, path)
  const programs = npm === undefined ? {} : { npm, npx: join(dirname(npm), 'npx-cli.js') }
  // Named after its content: for another npm there is another folder.
  const name = createHash('sha256').update([node, npm].join('\0')).digest('hex').slice(0, 16)
  const parent = join(stateFolder(env), 'node')
  const folder = join(parent, name)
  const isWhole = ['node', ...Object.keys(programs)].every((one) => existsSync(join(folder, one)))
  if (isWhole) return folder
  mkdirSync(parent, { recursive: true, mode: 0o700 })
  const fresh = mkdtempSync(join(parent, '.new-'))
  try {
    symlinkSync(node, join(fresh, 'node'))
    for (const [program, script] of Object.entries(programs)) {
      const text = `#!/bin/sh\nexec ${quoted(node)} ${quoted(script)} "$@"\n`
      writeFileSync(join(fresh, program), text, { mode: 0o700 })
    }
    // Removes an incomplete folder. Another kernel may have made it meanwhile.
    rmSync(folder, { recursive: true, force: true })
    renameSync(fresh, folder)
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true })
    if (!existsSync(join(folder, 'node'))) throw error
  }
  return folder
}

/**
 * npm's JavaScript file: the one that came with this Node, else the first on PATH. Undefined if
 * there is none.
 */
function npmProgram(node: string, path: string): string | undefined {
  const own = join(dirname(realpathSync(node)), NPM)
  if (existsSync(own)) return own
  for (const folder of path.split(delimiter)) {
    const program = join(folder, 'npm')
    if (!folder.startsWith('/') || !isExecutable(program)) continue
    const script = realpathSync(program)
    // Version managers put their own programs on PATH, which choose a Node themselves.
    if (/[/\\]npm-cli\.[cm]?js$/.test(script)) return script
  }
  return undefined
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

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`
}
