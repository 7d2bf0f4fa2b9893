// A Node child that runs compiled cells, so that tests check what a cell does rather than its
// script.
import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileCell } from '../../src/cell/compile.ts'
import { CellSyntaxError } from '../../src/cell/compiled.ts'
import type { CellScript } from '../../src/cell/compiled.ts'
import type { KnownMagics } from '../../src/cell/magic-scanner.ts'

const extension = extname(fileURLToPath(import.meta.url))
const program = fileURLToPath(new URL(`../fixtures/evaluator/main${extension}`, import.meta.url))

export class Evaluator {
  readonly #child: ChildProcess = fork(program, { execArgv: ['--no-warnings'] })
  readonly #magics: KnownMagics

  constructor(magics: KnownMagics) {
    this.#magics = magics
  }

  /** The result of each cell of a notebook: its value inspected, `none`, or its error. */
  async run(cells: readonly string[]): Promise<string[]> {
    const compiled = cells.map((source, index) => this.#compile(source, index))
    const runnable = compiled.filter((cell) => typeof cell !== 'string')
    const answer: Promise<unknown[]> = once(this.#child, 'message')
    this.#child.send({ cells: runnable })
    const [outcomes] = await answer
    if (!Array.isArray(outcomes)) throw new TypeError('the evaluator answers a list')
    return compiled.map((cell) => (typeof cell === 'string' ? cell : String(outcomes.shift())))
  }

  async close(): Promise<void> {
    const exit = once(this.#child, 'exit')
    this.#child.disconnect()
    await exit
  }

  #compile(source: string, index: number): { script: CellScript; filename: string } | string {
    try {
      const filename = `/notebook/cell_${index + 1}.ts`
      return { script: compileCell(source, { filename, magics: this.#magics }).script, filename }
    } catch (error) {
      if (error instanceof CellSyntaxError) return `${error.name}: ${error.message}`
      throw error
    }
  }
}
