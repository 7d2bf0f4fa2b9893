// `jupyter console` and `jupyter run`: the kernel in a terminal, with a prompt, continuation lines,
// history, Ctrl-C and Ctrl-D.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { testHome } from '../helpers/clone.ts'
import type { TestHome } from '../helpers/clone.ts'
import { finish } from '../helpers/program.ts'
import { Terminal } from './helpers/terminal.ts'

const LIMIT = 60_000
const CONSOLE = 'jupyter console --kernel jupyterpost'
const ENTER = '\r'
const UP = '\u001b[A'
const CTRL_C = '\u0003'
const CTRL_D = '\u0004'

let home: TestHome
let terminal: Terminal

beforeAll(async () => {
  home = await testHome()
  terminal = new Terminal(CONSOLE, home.env)
}, LIMIT)

afterAll(async () => {
  await terminal[Symbol.asyncDispose]()
  await home[Symbol.asyncDispose]()
}, LIMIT)

test(
  'the console greets with the banner and shows results under their number',
  async () => {
    expect(await terminal.until(/In \[1\]: /)).toMatch(/jupyterpost \S+: TypeScript \S+ on Node/)
    terminal.send(`const a: number = 20${ENTER}`)
    await terminal.until(/In \[2\]: /)
    terminal.send(`a + 22${ENTER}`)
    await terminal.until(/Out\[2\]: 42\n/)
  },
  LIMIT,
)

test(
  'an unfinished statement goes on in the next line, a finished one runs',
  async () => {
    await terminal.until(/In \[3\]: /)
    terminal.send(`function twice(n: number) {${ENTER}`)
    await terminal.until(/\.\.\.: /)
    terminal.send(`return 2 * n${ENTER}}${ENTER}`)
    await terminal.until(/In \[4\]: /)
    terminal.send(`twice(a)${ENTER}`)
    await terminal.until(/Out\[4\]: 40\n/)
  },
  LIMIT,
)

test(
  'Ctrl-C interrupts a loop and an await, and the variables stay',
  async () => {
    await terminal.until(/In \[5\]: /)
    for (const [number, wait] of [
      [5, 'for (;;) {}'],
      [6, 'await new Promise(() => {})'],
    ] as const) {
      // Typed text is on the screen too: it must differ from what is printed.
      terminal.send(`console.log('wait' + 'ing'); ${wait}${ENTER}`)
      await terminal.until(/waiting\n/)
      terminal.send(CTRL_C)
      await terminal.until(/KeyboardInterrupt/)
      await terminal.until(new RegExp(`In \\[${number + 1}\\]: `))
    }
    terminal.send(`a${ENTER}`)
    await terminal.until(/Out\[7\]: 20\n/)
  },
  LIMIT,
)

test(
  'input() asks in the terminal and gets the answer; a password is not shown',
  async () => {
    await terminal.until(/In \[8\]: /)
    terminal.send(`await input('name? ')${ENTER}`)
    await terminal.until(/\nname\? /)
    terminal.send(`Ada${ENTER}`)
    await terminal.until(/Out\[8\]: 'Ada'\n/)
    await terminal.until(/In \[9\]: /)
    terminal.send(`(await input.password('word? ')).length${ENTER}`)
    await terminal.until(/\nword\? /)
    terminal.send(`secret${ENTER}`)
    expect(await terminal.until(/Out\[9\]: 6\n/)).not.toContain('secret')
  },
  LIMIT,
)

test(
  'the arrow up brings the last input back, and Tab completes the names of the session',
  async () => {
    await terminal.until(/In \[10\]: /)
    terminal.send(UP)
    await terminal.until(/word\? '\)\)\.length/)
    terminal.send(`${CTRL_C}twi\t`)
    await terminal.until(/twice/)
    terminal.send(`(4)${ENTER}`)
    await terminal.until(/Out\[10\]: 8\n/)
  },
  LIMIT,
)

test(
  'an error shows its name, its cell and the line of code',
  async () => {
    await terminal.until(/In \[11\]: /)
    terminal.send(`throw new RangeError('too ' + 'far')${ENTER}`)
    const shown = await terminal.until(/\nRangeError: too far\n\n/)
    expect(shown).toMatch(/at In \[11\], line 1\n {4}> 1 \| throw new RangeError/)
  },
  LIMIT,
)

test(
  'Ctrl-D asks, ends the console and the kernel with it; the next console knows what was typed in this one',
  async () => {
    await terminal.until(/In \[12\]: /)
    terminal.send(`process.pid${ENTER}`)
    const pid = Number(/(\d+)\n$/.exec(await terminal.until(/Out\[12\]: \d+\n/))?.[1])
    await terminal.until(/In \[13\]: /)
    terminal.send(CTRL_D)
    await terminal.until(/exit/)
    terminal.send(`y${ENTER}`)
    expect(await terminal.ended()).toBe(0)
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    await using next = new Terminal(CONSOLE, home.env)
    await next.until(/In \[1\]: /)
    next.send(UP)
    await next.until(/process\.pid/)
    next.send(`${CTRL_C}${CTRL_D}`)
    await next.until(/exit/)
    next.send(`y${ENTER}`)
    expect(await next.ended()).toBe(0)
  },
  LIMIT,
)

test(
  'jupyter run prints what a file shows, and its error goes to stderr',
  async () => {
    writeFileSync(
      join(home.notebooks, 'program.ts'),
      'const n: number = await Promise.resolve(20)\nconsole.log(n + 1)\nthrow new RangeError("too far")\n',
    )
    const { code, stdout, stderr } = await finish(
      'sh',
      ['-c', 'jupyter run --kernel jupyterpost program.ts'],
      { env: home.env, cwd: home.notebooks },
    )
    expect({ code, stdout }).toEqual({ code: 1, stdout: '21\n' })
    expect(stripVTControlCharacters(stderr)).toMatch(
      /^RangeError\n +at In \[1\], line 3[^]*\nRangeError: too far/,
    )
  },
  LIMIT,
)
