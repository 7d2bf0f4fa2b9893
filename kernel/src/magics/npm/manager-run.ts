// One run of a package manager: its progress in one line, its error in a few. A project that it
// leaves half-written is put right.
import { writeFileSync } from 'node:fs'
import { runProgram } from '../shell.ts'
import type { LineMagicContext } from '../magic.ts'
import { explained } from './explain.ts'
import { commandOf } from './managers.ts'
import type { ManagerName, Wish } from './managers.ts'
import { NpmError } from './npm-error.ts'
import { Progress } from './progress.ts'
import { isRecord, textOf } from './project.ts'
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
  const before = textOf(project.file)
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
    keepUsable(project, before)
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
    return isRecord(answer) ? answer : {}
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

/** A manager that was killed may have written half of `package.json`. */
function keepUsable({ file }: Project, before: string | undefined): void {
  const after = textOf(file)
  if (before === undefined || after === before) return
  try {
    JSON.parse(after ?? '')
  } catch {
    // SyntaxError.
    writeFileSync(file, before)
  }
}
