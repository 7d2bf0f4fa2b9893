// Where the parts of this clone are, and the environment that keeps Jupyter, the kernel and the
// relay inside it.
import { delimiter, join } from 'node:path'

export const clone = join(import.meta.dirname, '..')

export const startVenv = {
  folder: join(clone, '.venv'),
  requirements: [join(clone, 'start/requirements.txt')],
}

/** Variables of a Hub, another relay or another Jupyter: none of them may reach into the clone. */
const FOREIGN =
  /^(JUPYTER_|JUPYTERHUB_|JUPYTERLAB_|JUPYTERPOST_|JPY_|IPYTHON|PYTHONPATH$|PYTHONHOME$|VIRTUAL_ENV$|CONDA_)/
/** Set by `npm start` for its own script: npm in a notebook has another project. */
const OF_NPM_START =
  /^(npm_(lifecycle_|package_|command$|execpath$|node_execpath$|config_(local_prefix|npm_version|user_agent)$)|INIT_CWD$)/

/**
 * The person's environment with every folder that Jupyter, IPython or jupyterpost writes to below
 * `state`. Tests give a `state` of their own.
 */
export function cloneEnvironment(
  state: string,
  base: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv {
  const kept = Object.entries(base).filter(
    ([name]) => !FOREIGN.test(name) && !OF_NPM_START.test(name),
  )
  return {
    ...Object.fromEntries(kept),
    // `jupyterpost` and `import jupyterpost` mean this clone's, in notebooks and in terminals.
    PATH: [join(startVenv.folder, 'bin'), join(clone, 'bin'), base['PATH'] ?? ''].join(delimiter),
    PYTHONPATH: join(clone, 'python'),
    VIRTUAL_ENV: startVenv.folder,
    JUPYTER_CONFIG_DIR: join(state, 'jupyter/config'),
    JUPYTER_DATA_DIR: join(state, 'jupyter/data'),
    JUPYTER_RUNTIME_DIR: join(state, 'jupyter/runtime'),
    JUPYTERLAB_SETTINGS_DIR: join(state, 'jupyter/lab/settings'),
    JUPYTERLAB_WORKSPACES_DIR: join(state, 'jupyter/lab/workspaces'),
    // A person's platform setting would move all folders that are not named here.
    JUPYTER_PLATFORM_DIRS: '0',
    IPYTHONDIR: join(state, 'ipython'),
    XDG_STATE_HOME: join(state, 'xdg'),
  }
}
