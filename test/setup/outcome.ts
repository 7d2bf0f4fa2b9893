// The result of a run: how many tests passed and failed, and how long each file took.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { z } from 'zod'

export interface Outcome {
  passed: number
  failed: number
  files: TimedFile[]
}

interface TimedFile {
  /** Path in the clone, followed by the name of the pass if that is on another Node. */
  name: string
  seconds: number
}

/** The parts that are needed of the file that jest writes for `--json`. */
const Report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  /** Files that failed before their first test. */
  numRuntimeErrorTestSuites: z.int(),
  testResults: z.array(z.object({ name: z.string(), startTime: z.number(), endTime: z.number() })),
})

/** @param code - Exit code of jest, which may fail although no test does. */
export function outcomeOf(report: string, code: number, root: string, what: string): Outcome {
  const read = readReport(report)
  if (read === undefined) return { passed: 0, failed: 1, files: [] }
  const failed = read.numFailedTests + read.numRuntimeErrorTestSuites
  return {
    passed: read.numPassedTests,
    failed: code === 0 ? failed : Math.max(failed, 1),
    files: read.testResults.map(({ name, startTime, endTime }) => ({
      name: `${relative(root, name)}${what}`,
      seconds: (endTime - startTime) / 1000,
    })),
  }
}

export function together(outcomes: readonly Outcome[]): Outcome {
  const sum = (key: 'passed' | 'failed') =>
    outcomes.reduce((total, outcome) => total + outcome[key], 0)
  return {
    passed: sum('passed'),
    failed: sum('failed'),
    files: outcomes.flatMap(({ files }) => files),
  }
}

/** The ten files that took longest, one per line. */
export function slowest(files: readonly TimedFile[]): string[] {
  return files
    .toSorted((one, other) => other.seconds - one.seconds)
    .slice(0, 10)
    .map(({ name, seconds }) => `${seconds.toFixed(1).padStart(6)} s  ${name}`)
}

/** Undefined if jest ended before it could write the report. */
function readReport(path: string): z.infer<typeof Report> | undefined {
  try {
    return Report.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (error) {
    if (Error.isError(error) && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
