// Where Jupyter and we keep files of a person, from the environment alone. Imports nothing that takes time: kernels need it at their start.
import { homedir } from 'node:os'
import { join } from 'node:path'

/** As jupyter_core's `jupyter_runtime_dir()`. */
export function jupyterRuntimeFolder(env: NodeJS.ProcessEnv): string {
  return env.JUPYTER_RUNTIME_DIR || join(jupyterDataFolder(env), 'runtime')
}

/** As jupyter_core's `jupyter_data_dir()`: the person's kernelspecs are in `kernels/` below it. */
export function jupyterDataFolder(env: NodeJS.ProcessEnv): string {
  if (env.JUPYTER_DATA_DIR) return env.JUPYTER_DATA_DIR
  const home = homeFolder(env)
  if (process.platform === 'darwin') return join(home, 'Library', 'Jupyter')
  if (process.platform === 'win32') return join(env.APPDATA || home, 'jupyter')
  return join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'jupyter')
}

/** `$XDG_STATE_HOME/jupyterpost`: the local relay's database and the spool. */
export function stateFolder(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_STATE_HOME || join(homeFolder(env), '.local', 'state'), 'jupyterpost')
}

function homeFolder(env: NodeJS.ProcessEnv): string {
  return env.HOME || homedir()
}
