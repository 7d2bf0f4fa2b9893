// Never runs a dist/ that is older than its sources: `npm start` builds when a source is newer than
// the last complete build.
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { clone } from './clone.ts'
import { holdLock } from './lock.ts'
import { runWell } from './run.ts'
import type { Say } from './run.ts'

/** Touched by the last step of `npm run build`. */
const STAMP = join(clone, '.state/built')
/** The sources of dist/ (tsconfig.build.json, the inbox page), and what decides how it is built. */
const SOURCES = ['cli', 'install', 'kernel/src', 'post', 'service', 'install.ts']
const SETTINGS = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json']

/** @throws {Error} with the compiler's message if the build fails. */
export async function buildIfStale(say: Say): Promise<void> {
  if (isFresh()) return
  using _lock = await holdLock(`${STAMP}.lock`, say)
  if (isFresh()) return
  say('Building')
  await runWell('npm', ['run', '--silent', 'build'], { cwd: clone })
}

/** Marks the build as complete. */
export function markBuilt(): void {
  mkdirSync(dirname(STAMP), { recursive: true })
  writeFileSync(STAMP, '')
}

function isFresh(): boolean {
  if (!existsSync(STAMP) || !existsSync(join(clone, 'dist/cli/main.js'))) return false
  const built = statSync(STAMP).mtimeMs
  return [...SOURCES.flatMap(filesIn), ...SETTINGS].every(
    (path) => statSync(join(clone, path)).mtimeMs <= built,
  )
}

function filesIn(path: string): string[] {
  if (statSync(join(clone, path)).isFile()) return [path]
  return readdirSync(join(clone, path), { recursive: true, encoding: 'utf8' })
    .filter((name) => !/(^|\/)(test|python)(\/|$)/.test(name))
    .map((name) => join(path, name))
}
