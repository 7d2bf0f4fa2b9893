// Where Jupyter looks for kernelspecs, computed as in jupyter_core (jupyter_core/paths.py). The
// person's own folders are in post/relay/folders.ts.
import { execFileSync } from 'node:child_process'
import { delimiter, join } from 'node:path'
import { jupyterDataFolder } from '../post/relay/folders.ts'

/** Every folder in which Jupyter looks for `kernels/`; the first one wins. */
export function dataPath(env: NodeJS.ProcessEnv): string[] {
  const prefix = env['VIRTUAL_ENV'] ?? env['CONDA_PREFIX']
  const system =
    process.platform === 'win32' ? [] : ['/usr/local/share/jupyter', '/usr/share/jupyter']
  return [
    ...(env['JUPYTER_PATH'] ?? '').split(delimiter).filter((folder) => folder !== ''),
    jupyterDataFolder(env),
    ...(prefix ? [join(prefix, 'share', 'jupyter')] : []),
    ...system,
  ]
}

/**
 * `sys.prefix` of the active Python environment: a virtual environment, conda, or the `python3` on
 * PATH.
 * @throws {Error} if there is no environment and no Python to ask.
 */
export function sysPrefix(env: NodeJS.ProcessEnv): string {
  const active = env['VIRTUAL_ENV'] ?? env['CONDA_PREFIX']
  if (active) return active
  try {
    return execFileSync('python3', ['-c', 'import sys; print(sys.prefix)'], {
      encoding: 'utf8',
      env: { ...env },
    }).trim()
  } catch (cause) {
    throw new Error(
      '--sys-prefix needs an active Python environment: VIRTUAL_ENV and CONDA_PREFIX are not set and `python3` could not be asked. ' +
        'Activate the environment, or give its folder with --prefix DIR.',
      { cause },
    )
  }
}
