// A real runtime process behind the port; keeps all that it showed. The real compiler compiles the
// cells.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileCell } from '../../src/cell/compile.ts'
import type { CompiledCell } from '../../src/cell/compiled.ts'
import { startRuntime } from '../../src/runtime/child-runtime.ts'
import { Changes } from '../../../test/helpers/until.ts'
import type { ExecuteOptions, Outcome, Output, RuntimeCall } from '../../src/runtime/runtime.ts'

export class TestRuntime {
  readonly cwd = mkdtempSync(join(tmpdir(), 'runtime-'))
  readonly outputs: Output[] = []
  readonly calls: RuntimeCall[] = []
  readonly lost: string[] = []
  /** Answers calls of cells. */
  answer: (call: RuntimeCall) => Promise<unknown> = () => Promise.resolve(undefined)
  readonly runtime = startRuntime({ cwd: this.cwd })
  readonly #changes = new Changes()
  #count = 0

  constructor() {
    this.runtime.listen({
      output: (output) => {
        this.outputs.push(output)
        this.#changes.tell()
      },
      call: (call) => {
        this.calls.push(call)
        this.#changes.tell()
        return this.answer(call)
      },
      lost: (_reason, message) => {
        this.lost.push(message)
        this.#changes.tell()
      },
    })
  }

  compile(source: string): CompiledCell {
    this.#count += 1
    const filename = join(this.cwd, `cell-${this.#count}.ts`)
    return compileCell(source, { filename, magics: new Map() })
  }

  run(source: string, options: Partial<ExecuteOptions> = {}): Promise<Outcome> {
    const cell = this.compile(source)
    return this.runtime.execute(cell, `cell-${this.#count}`, {
      silent: false,
      allowStdin: false,
      executionCount: this.#count,
      storeHistory: true,
      ...options,
    })
  }

  /** Id of the last cell. */
  get cellId(): string {
    return `cell-${this.#count}`
  }

  /** The last cell's result as text. */
  async result(source: string): Promise<unknown> {
    const outcome = await this.run(source)
    if (outcome.status === 'error') throw new Error(outcome.error.traceback.join('\n'))
    const shown = this.outputs.findLast((output) => output.type === 'execute_result')
    return shown?.cellId === this.cellId ? shown.content.data['text/plain'] : undefined
  }

  text(name: 'stdout' | 'stderr', cellId = this.cellId): string {
    return this.outputs
      .filter((output) => output.type === 'stream')
      .filter((output) => output.name === name && output.cellId === cellId)
      .map((output) => output.text)
      .join('')
  }

  /** Resolves once `condition` holds; checked after each output, call and loss. */
  async until(condition: () => boolean): Promise<void> {
    const saw = () => ({ outputs: this.outputs.slice(-20), lost: this.lost })
    await this.#changes.until(condition, String(condition), { saw })
  }

  async close(): Promise<void> {
    await this.runtime.close()
    rmSync(this.cwd, { recursive: true, force: true })
  }
}
