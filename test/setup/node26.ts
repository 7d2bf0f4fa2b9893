// The newest Node, besides the one that this package pins: a kernel may be installed with either.
// It has a folder of its own, because two packages with a program `node` would both want to be
// node_modules/.bin/node.
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runWell, runs } from '../../start/run.ts'
import type { Say } from '../../start/run.ts'

const root = join(import.meta.dirname, '../..')
const wanted = join(import.meta.dirname, 'node26/package.json')
const folder = join(root, '.state/node26')
const program = join(folder, 'node_modules/node/bin/node')

/** Those that measure time: nothing may run at the same time. */
export const NODE26_ALONE = ['kernel/test/quick-end']

/** Tests of what another version of Node could break: sockets, processes, signals, values. */
export const NODE26_TESTS = [
  'kernel/test/messages',
  'kernel/test/ordering',
  'kernel/test/main',
  'kernel/test/bad-frames',
  'kernel/test/history',
  'kernel/test/runtime/',
  'test/conformance/',
]

/** Installs it if it is not there. @returns Path of its `node`. @throws with npm's output */
export async function prepareNode26(say: Say): Promise<string> {
  const installed = join(folder, 'package.json')
  if (read(installed) === read(wanted) && (await runs(program, ['--version']))) return program
  say('Installing Node 26 into .state, to test the kernel on it')
  mkdirSync(folder, { recursive: true })
  copyFileSync(wanted, installed)
  await runWell('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], { cwd: folder })
  // npm may have changed it.
  copyFileSync(wanted, installed)
  return program
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // ENOENT: not installed yet.
    return undefined
  }
}
