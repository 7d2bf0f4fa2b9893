// A temporary folder for one test, and an environment that reads and writes nothing outside it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The command that starts a local relay. */
export const relayProgram = join(import.meta.dirname, '../../../cli/main.ts')

export interface TestFolder {
  path: string
  env: NodeJS.ProcessEnv
  remove(): void
}

export function testFolder(extra: NodeJS.ProcessEnv = {}): TestFolder {
  const path = mkdtempSync(join(tmpdir(), 'jupyterpost-post-'))
  return {
    path,
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
      HOME: path,
      JUPYTER_RUNTIME_DIR: join(path, 'runtime'),
      XDG_STATE_HOME: join(path, 'state'),
      ...extra,
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}
