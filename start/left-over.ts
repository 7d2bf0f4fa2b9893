// Programs left running by an `npm start` that was killed: the next one ends them. Each running
// `npm start` keeps a record of itself and its programs. A process is identified by its id and its
// start time, so that a reused id is left alone.
import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { thisMachine } from '../post/relay/relay-file.ts'
import type { Say } from './run.ts'

const Process = z.object({ pid: z.int().positive(), title: z.string(), startedAt: z.string() })
type Process = z.infer<typeof Process>

const StartRecord = z.object({ host: z.string(), boot: z.string(), processes: z.array(Process) })

/** ms for a program to end politely. */
const PATIENCE = 10_000
const LOOK_EVERY = 50

/** The record of this `npm start`; its first process is this one. */
export class Started implements Disposable {
  readonly #path: string
  readonly #processes: Process[] = []

  constructor(state: string) {
    mkdirSync(folderOf(state), { recursive: true })
    this.#path = join(folderOf(state), `${process.pid}.json`)
    this.add('npm start', process.pid)
  }

  /** Adds a program that this process started and will end. */
  add(title: string, pid: number): void {
    const startedAt = startTime(pid)
    if (startedAt === undefined) return
    this.#processes.push({ pid, title, startedAt })
    writeFileSync(this.#path, JSON.stringify({ ...thisMachine(), processes: this.#processes }))
  }

  [Symbol.dispose](): void {
    rmSync(this.#path, { force: true })
  }
}

/** Ends the programs of every `npm start` on this state that no longer runs, and names them. */
export async function endLeftOver(state: string, say: Say): Promise<void> {
  const names = readdirSync(folderOf(state), { withFileTypes: true }).filter((entry) =>
    entry.name.endsWith('.json'),
  )
  for (const { name } of names) {
    const path = join(folderOf(state), name)
    const [starter, ...programs] = readRecord(path)
    if (starter !== undefined && isRunning(starter)) continue
    for (const program of programs.filter(isRunning)) {
      say(`Ending ${program.title} (process ${program.pid}), left running by an earlier npm start`)
      await end(program)
    }
    rmSync(path, { force: true })
  }
}

const folderOf = (state: string) => join(state, 'started')

/** Empty if it comes from another machine or boot, or was cut short. */
function readRecord(path: string): Process[] {
  const { host, boot } = thisMachine()
  try {
    const record = StartRecord.parse(JSON.parse(readFileSync(path, 'utf8')))
    return record.host === host && record.boot === boot ? record.processes : []
  } catch (error) {
    if (Error.isError(error) && ['SyntaxError', 'ZodError'].includes(error.name)) return []
    throw error
  }
}

const isRunning = ({ pid, startedAt }: Process) => startTime(pid) === startedAt

async function end(program: Process): Promise<void> {
  process.kill(program.pid, 'SIGTERM')
  const deadline = Date.now() + PATIENCE
  while (isRunning(program)) {
    if (Date.now() > deadline) process.kill(program.pid, 'SIGKILL')
    await wait(LOOK_EVERY)
  }
}

/** Tells processes with the same id apart; undefined if there is no such process. */
function startTime(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux')
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // proc(5): the name in parentheses may contain anything; after it, state is field 3 and
    // starttime field 22, in ticks since boot.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    // It has ended: there is no such file, or ps finds none.
    return undefined
  }
}
