// One run of a package manager: its progress in one line, its error in a few. A project that it
// leaves half-written is put right.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isObject } from '../../protocol/json.ts'
import { runProgram } from '../shell.ts'
import type { LineMagicContext } from '../magic.ts'
import { explained } from './explain.ts'
import { commandOf } from './managers.ts'
import type { ManagerName, Wish } from './managers.ts'
import { NpmError } from './npm-error.ts'
import { Progress } from './progress.ts'
import { textOf } from './project.ts'
import type { Project } from './project.ts'

/** ms that it has after an interrupt to end what it began. */
const GRACE = 3000
/** Characters of its output that are kept: the end. */
const KEPT = 4_000_000

export interface Run {
  manager: ManagerName
  project: Project
  wish: Wish
}

export interface Done {
  /** Packages that came, changed or went; undefined if the manager does not tell. */
  count: number | undefined
  seconds: number
}

/** @throws {NpmError} in words for the person. */
export async function runManager(
  { manager, project, wish }: Run,
  context: Pick<LineMagicContext, 'signal' | 'surroundings'>,
  show: (text: string) => void,
): Promise<Done> {
  const argv = commandOf(manager, project, wish)
  const progress = new Progress(show)
  const restore = snapshot(project, manager)
  let stdout = ''
  let stderr = ''
  // git would ask for a password where nobody can answer.
  const env = { ...context.surroundings.env, GIT_TERMINAL_PROMPT: '0' }
  try {
    const failure = await runProgram(
      { argv },
      { folder: project.folder, env },
      {
        signal: context.signal,
        grace: GRACE,
        stdout: (text) => (stdout = (stdout + text).slice(-KEPT)),
        stderr(text) {
          stderr = (stderr + text).slice(-KEPT)
          progress.read(text)
        },
      },
    )
    const answer = answerIn(stdout)
    if (failure !== undefined) {
      throw new NpmError(
        await explained({ manager, wish, project, failure, answer, stdout, stderr }, env),
      )
    }
    return { count: countIn(answer), seconds: progress.seconds }
  } catch (error) {
    show('... stopped')
    restore()
    throw error
  } finally {
    progress.stop()
  }
}

/** npm's JSON. */
function answerIn(stdout: string): Record<string, unknown> {
  const start = stdout.indexOf('{')
  if (start < 0) return {}
  try {
    const answer: unknown = JSON.parse(stdout.slice(start))
    return isObject(answer) ? answer : {}
  } catch {
    // SyntaxError: it was ended while it wrote, or it is another manager's text.
    return {}
  }
}

function countIn(answer: Record<string, unknown>): number | undefined {
  const counts = [answer['added'], answer['changed'], answer['removed']]
  const numbers = counts.filter((count) => typeof count === 'number')
  return numbers.length === 0 ? undefined : numbers.reduce((sum, count) => sum + count, 0)
}

/**
 * npm may have written that packages are there which are not, if it was killed or the disk is full.
 *
 * @returns A function that puts back what the files said.
 */
function snapshot({ file, folder }: Project, manager: ManagerName): () => void {
  // Other managers say themselves what they made of their files.
  const lock = manager === 'npm' ? [join(folder, 'package-lock.json')] : []
  const before = [file, ...lock].map((path) => ({ path, text: textOf(path) }))
  return () => {
    for (const { path, text } of before) putBack(path, text)
  }
}

function putBack(path: string, text: string | undefined): void {
  if (textOf(path) === text) return
  try {
    if (text === undefined) rmSync(path)
    else writeFileSync(path, text)
  } catch (error) {
    // The disk is full, or it may not be written: the manager's own error says so.
    if (!Error.isError(error)) throw error
  }
}
