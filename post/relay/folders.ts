// Where Jupyter and jupyterpost keep a person's files, from the environment alone. It imports
// nothing that loads slowly, because kernels need it when they start.
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Like jupyter_core's `jupyter_runtime_dir()`. */
export function jupyterRuntimeFolder(env: NodeJS.ProcessEnv): string {
  return env.JUPYTER_RUNTIME_DIR || join(jupyterDataFolder(env), 'runtime')
}

/**
 * Like jupyter_core's `jupyter_data_dir()`. The person's kernelspecs are in its folder `kernels/`.
 */
export function jupyterDataFolder(env: NodeJS.ProcessEnv): string {
  if (env.JUPYTER_DATA_DIR) return env.JUPYTER_DATA_DIR
  const home = homeFolder(env)
  if (process.platform === 'darwin') return join(home, 'Library', 'Jupyter')
  if (process.platform === 'win32') return join(env.APPDATA || home, 'jupyter')
  return join(env.XDG_DATA_HOME || join(home, '.local', 'share'), 'jupyter')
}

/** `$XDG_STATE_HOME/jupyterpost`, with the local relay's database and the spool. */
export function stateFolder(env: NodeJS.ProcessEnv): string {
  return join(env.XDG_STATE_HOME || join(homeFolder(env), '.local', 'state'), 'jupyterpost')
}

function homeFolder(env: NodeJS.ProcessEnv): string {
  return env.HOME || homedir()
}
