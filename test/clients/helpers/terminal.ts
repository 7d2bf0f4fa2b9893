// A program in its own terminal (a pty made by Python), for programs that talk only to a person.
// What it shows is read without colours and cursor moves; keys are sent as from a keyboard.
import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'
import { startVenv } from '../../../start/clone.ts'
import { inVenv } from '../../../start/venv.ts'

const BRIDGE =
  'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(["sh", "-c", "stty rows 50 cols 120; exec " + sys.argv[1]])))'

export class Terminal implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #ended: Promise<number>
  /** Text it wrote that no `until` has taken yet. */
  #screen = ''
  #look = (): void => undefined
  #isOver = false

  /** @param command - For a shell. */
  constructor(command: string, env: NodeJS.ProcessEnv) {
    this.#child = spawn(inVenv(startVenv.folder, 'python'), ['-c', BRIDGE, command], {
      // Otherwise it would ask the terminal for the cursor's position, and wait for the answer.
      env: { ...env, TERM: 'xterm-256color', PROMPT_TOOLKIT_NO_CPR: '1' },
    })
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#screen += text
      this.#look()
    })
    this.#ended = new Promise((resolve) => {
      this.#child.once('close', (code) => {
        this.#isOver = true
        this.#look()
        resolve(code ?? 128)
      })
    })
  }

  /** Types; `\r` is Enter, `\u0003` Ctrl-C, `\u0004` Ctrl-D. */
  send(keys: string): void {
    this.#child.stdin.write(keys)
  }

  /**
   * Waits until it shows this. The next call searches after it.
   * @returns The text up to the end of the match.
   * @throws {Error} with the screen, if the program ended first or `limit` ms went by.
   */
  async until(pattern: RegExp, limit = 30_000): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const fail = (why: string) =>
      reject(new Error(`${why} before ${String(pattern)}:\n${this.#plain()}`))
    this.#look = () => {
      const plain = this.#plain()
      const match = pattern.exec(plain)
      if (match === null) return this.#isOver ? fail('the program ended') : undefined
      const end = match.index + match[0].length
      this.#screen = plain.slice(end)
      resolve(plain.slice(0, end))
    }
    const timer = setTimeout(() => fail(`${limit / 1000} s went by`), limit)
    this.#look()
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#look = () => undefined
    }
  }

  /** Its exit code, once it has ended by itself. */
  ended(): Promise<number> {
    return this.#ended
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The terminal closes with its bridge, which hangs up the program in it.
    this.#child.kill('SIGTERM')
    await this.#ended
  }

  /** An incomplete sequence stays in the text until it is complete. */
  #plain(): string {
    return stripVTControlCharacters(this.#screen).replaceAll('\r', '')
  }
}
