// Runs cells of libraries for TypeScript in the kernel's runtime, each in a fresh one, and writes
// what the kernel captured.
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { Recorder } from '../../../kernel/src/capture/recorder.ts'
import type { CapturedOutput } from '../../../kernel/src/capture/outputs.ts'
import { TestRuntime } from '../../../kernel/test/helpers/runtime.ts'
import { root } from '../../helpers/clone.ts'
import type { Cell } from './recordings.ts'

const LONGEST_TEXT = 2000

const Package = z.object({ version: z.string() })

export async function recordTypescript(cell: Cell, folder: string): Promise<void> {
  const modules = join(root, 'node_modules')
  const notebook = new TestRuntime()
  try {
    symlinkSync(modules, join(notebook.cwd, 'node_modules'))
    const recorder = new Recorder()
    const source = readFileSync(cell.path, 'utf8')
    const outcome = await notebook.run(source)
    const { cellId } = notebook
    recorder.begin({ cellId, executionCount: 1, source, silent: false })
    for (const output of notebook.outputs) recorder.record(output)
    recorder.finish(cellId, outcome)
    const manifest = readFileSync(join(modules, cell.library, 'package.json'), 'utf8')
    const { version } = Package.parse(JSON.parse(manifest))
    const { status, outputs = [], leftOut } = recorder.previous ?? {}
    const recording = { version, status, outputs: outputs.map(trimmed), leftOut }
    writeFileSync(join(folder, `${cell.stem}.json`), `${JSON.stringify(recording, null, 1)}\n`)
  } finally {
    await notebook.close()
  }
}

/** The text of a picture may be all that is in its value. Only its start is kept. */
function trimmed(output: CapturedOutput): CapturedOutput {
  if (!('data' in output)) return output
  const text = output.data['text/plain']
  const isLong = typeof text === 'string' && text.length > LONGEST_TEXT
  const data = isLong ? { ...output.data, 'text/plain': text.slice(0, LONGEST_TEXT) } : output.data
  return { ...output, data }
}
