// The two clients that are programs, each with a home of its own: no post of an earlier call waits
// before its own.
import { join } from 'node:path'
import { temporaryFolder } from '../../../service/test/helpers/relay.ts'
import { finish } from '../../helpers/program.ts'

const root = join(import.meta.dirname, '../../..')
const MAIN = join(root, 'bin/jupyterpost')
const PYTHON = join(root, '.venv/bin/python')
export const TOKEN = 'secret-token'

export interface Asked {
  url: string
  env?: NodeJS.ProcessEnv
}

/** @returns All that it printed. */
export async function jupyterpost(words: string[], { url, env }: Asked): Promise<string> {
  using home = temporaryFolder()
  const address = { JUPYTERPOST_URL: url, JUPYTERPOST_TOKEN: TOKEN }
  const options = { env: { ...home.env, ...address, ...env } }
  const { stdout, stderr } = await finish(process.execPath, [MAIN, ...words], options)
  return stdout + stderr
}

/** `post()` in a program. @returns All that it printed. */
export async function python({ url, env }: Asked): Promise<string> {
  using home = temporaryFolder()
  const address = { JUPYTERPOST_URL: url, JUPYTERPOST_TOKEN: TOKEN }
  const code = 'from jupyterpost import post\nprint(post("hi", "@me"))'
  const { stdout, stderr } = await finish(PYTHON, ['-c', code], {
    env: { ...home.env, PYTHONPATH: join(root, 'python'), ...address, ...env },
  })
  return stdout + stderr
}
