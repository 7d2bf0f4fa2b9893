// Debian packages needed by a set-up: only as root, only if there is apt-get, and each is named
// before it is installed.
import { runs, runWell } from './run.ts'
import type { Say } from './run.ts'

const ENVIRONMENT = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
/** Another apt-get may be running: wait for its lock, in seconds. */
const LOCK = ['-o', 'DPkg::Lock::Timeout=600']

let updated = false

/** Whether Debian packages can be installed here at all. */
export async function canInstallDebian(): Promise<boolean> {
  return process.getuid?.() === 0 && (await runs('apt-get', ['--version']))
}

/** @throws {Error} with apt-get's own message. */
export async function installDebian(
  packages: readonly string[],
  why: string,
  say: Say,
): Promise<void> {
  say(
    `Installing the Debian ${packages.length > 1 ? 'packages' : 'package'} ${packages.join(', ')}: ${why}`,
  )
  if (!updated) await runWell('apt-get', [...LOCK, 'update'], { env: ENVIRONMENT })
  updated = true
  await runWell('apt-get', [...LOCK, 'install', '--yes', '--no-install-recommends', ...packages], {
    env: ENVIRONMENT,
  })
}
