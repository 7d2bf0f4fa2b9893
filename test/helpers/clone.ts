// A separate home for a test that runs real programs: state folders, kernelspec, and on demand the
// relay and a Jupyter server.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installKernelspec } from '../../install/kernelspec.ts'
import { clone, cloneEnvironment } from '../../start/clone.ts'
import { startJupyter } from '../../start/jupyter.ts'
import type { Jupyter, JupyterOptions } from '../../start/jupyter.ts'
import { startRelay } from '../../start/relay.ts'
import type { Relay } from '../../start/relay.ts'
import { pythonVenv } from '../setup/python.ts'

export const root = clone

export interface TestHome extends AsyncDisposable {
  /** Folder that contains everything; HOME of the programs. */
  folder: string
  env: NodeJS.ProcessEnv
  /** Contains copies of the examples. */
  notebooks: string
  relay(): Promise<Relay>
  jupyter(app: JupyterOptions['app']): Promise<Jupyter>
}

/** When disposed, ends and removes everything. */
export async function testHome(): Promise<TestHome> {
  await pythonVenv('jupyter')
  const folder = mkdtempSync(join(tmpdir(), 'jupyterpost-home-'))
  const state = join(folder, 'state')
  const env = cloneEnvironment(state, { ...process.env, HOME: folder })
  const notebooks = join(folder, 'notebooks')
  mkdirSync(notebooks)
  cpSync(join(root, 'examples'), notebooks, { recursive: true })
  installKernelspec(join(state, 'jupyter/data'), { name: 'jupyterpost' })
  const stops: Array<() => Promise<void>> = []
  const kept = <T extends { stop(): Promise<void> }>(child: T): T => {
    stops.unshift(() => child.stop())
    return child
  }
  return {
    folder,
    env,
    notebooks,
    relay: async () => kept(await startRelay(env)),
    jupyter: async (app) => kept(await startJupyter({ app, env, root: notebooks })),
    async [Symbol.asyncDispose]() {
      for (const stop of stops) await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
