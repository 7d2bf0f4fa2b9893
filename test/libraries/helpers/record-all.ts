// Records cells with the real libraries.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { recordTypescript } from './record-typescript.ts'
import type { Cell } from './recordings.ts'

/** @param python - Has the packages of requirements.txt. */
export async function recordAll(
  wanted: readonly Cell[],
  python: string,
  folder: string,
): Promise<void> {
  const paths = wanted.filter(({ language }) => language === 'python').map(({ path }) => path)
  if (paths.length > 0) {
    const program = join(import.meta.dirname, 'record.py')
    const recorder = spawn(python, [program, folder, ...paths], { stdio: 'inherit' })
    await once(recorder, 'exit')
    if (recorder.exitCode !== 0) throw new Error(`${program} failed`)
  }
  for (const cell of wanted)
    if (cell.language === 'typescript') await recordTypescript(cell, folder)
}
