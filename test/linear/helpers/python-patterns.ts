// All regular expressions of the Python package, found by a Python program.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { pythonVenv } from '../../setup/python.ts'
import type { Pattern } from './pattern.ts'

const PACKAGE = join(import.meta.dirname, '../../../python')
const Row = z.object({
  place: z.string(),
  source: z.string().optional(),
  flags: z.string().default(''),
})

export interface PythonPatterns {
  patterns: Pattern[]
  /** Places of patterns that are put together while the package runs. */
  unknown: string[]
}

export async function pythonPatterns(): Promise<PythonPatterns> {
  const python = join(await pythonVenv('jupyter'), 'bin/python')
  const program = join(import.meta.dirname, 'python_patterns.py')
  const { stdout } = await promisify(execFile)(python, ['-B', program, PACKAGE])
  const patterns: Pattern[] = []
  const unknown: string[] = []
  for (const { place, source, flags } of z.array(Row).parse(JSON.parse(stdout))) {
    if (source === undefined) unknown.push(place)
    else patterns.push({ place, source, flags })
  }
  return { patterns, unknown }
}
