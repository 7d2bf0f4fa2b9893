// A disk of a few megabytes in memory, which a test can fill to its last byte.
import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export interface SmallDisk extends Disposable {
  path: string
  /** Nothing fits any more. */
  fill(): void
  /** What filled it is gone. */
  makeRoom(): void
}

/** Why no disk can be mounted here; undefined if one can. */
export function whyNoDisk(): string | undefined {
  if (process.platform !== 'linux') return 'only Linux has tmpfs'
  if (process.getuid?.() !== 0) return 'only root may mount'
  const { status, stderr } = spawnSync(
    'unshare',
    ['--mount', 'mount', '-t', 'tmpfs', 'x', '/mnt'],
    {
      encoding: 'utf8',
    },
  )
  return status === 0 ? undefined : `mounting is not allowed: ${stderr.trim()}`
}

/** @param path - A folder that is not there yet. */
export function smallDisk(path: string, megabytes: number): SmallDisk {
  mkdirSync(path)
  run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'jupyterpost-test', path)
  const ballast = join(path, 'ballast')
  return {
    path,
    fill() {
      const file = openSync(ballast, 'w')
      // The last part is smaller than a page.
      for (const size of [1 << 20, 1 << 12, 1]) writeUntilFull(file, Buffer.alloc(size))
      closeSync(file)
    },
    makeRoom: () => rmSync(ballast),
    // Lazily: a process that was just killed may still have a file open.
    [Symbol.dispose]: () => run('umount', '--lazy', path),
  }
}

function writeUntilFull(file: number, bytes: Buffer): void {
  try {
    for (;;) if (writeSync(file, bytes) < bytes.length) return
  } catch (error) {
    if (!Error.isError(error) || !('code' in error) || error.code !== 'ENOSPC') throw error
  }
}

function run(program: string, ...words: string[]): void {
  const { status, stderr } = spawnSync(program, words, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ${stderr}`)
}
