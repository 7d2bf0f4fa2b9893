// What programs expect of a terminal, for the streams of a notebook: progress bars move the cursor
// in their line, which becomes `\r` and the text again. Objects are printed in colour, as in a
// terminal, unless the environment says otherwise (NO_COLOR and the like); posts leave colours out.
import console from 'node:console'
import process from 'node:process'
import { WriteStream } from 'node:tty'
import { Reflect, WeakMap, uncurry, users } from '../../api/primordials.ts'
import type { CurrentLine } from './current-line.ts'
import { asUsers } from './user-functions.ts'

const { Array: UserArray } = users

/** Size of a terminal that nobody has resized. */
const COLUMNS = 80
const ROWS = 24

type Callback = () => void
/** Clears what the cell has shown: at once or, with `wait`, when it next shows something. */
export type ClearOutput = (wait: boolean) => void

interface Cursor {
  clearLine(direction?: number, callback?: Callback): boolean
  clearScreenDown(callback?: Callback): boolean
  cursorTo(x: number, y?: number | Callback, callback?: Callback): boolean
  moveCursor(dx: number, dy: number, callback?: Callback): boolean
}

const cursors = new WeakMap<object, Cursor>()

/** The members that this stream has and others lack. */
export function terminalOf(
  stream: NodeJS.WritableStream,
  line: CurrentLine,
  clearOutput: ClearOutput,
) {
  const write = (text: string, callback?: Callback | number): boolean =>
    stream.write(text, typeof callback === 'function' ? callback : undefined)
  const cursor: Cursor = {
    clearLine: (direction = 0, callback) => write(line.clear(direction), callback),
    clearScreenDown: (callback) => write('\x1b[0J', callback),
    cursorTo(x, y, callback) {
      if (typeof y !== 'number') return write(line.to(x), y ?? callback)
      // A program that goes to the top left draws the whole screen anew.
      if (x === 0 && y === 0) clearOutput(true)
      else return write(`\x1b[${y + 1};${x + 1}H`, callback)
      return write('', callback)
    },
    moveCursor(dx, dy, callback) {
      const lines = dy === 0 ? '' : `\x1b[${dy < 0 ? -dy : dy}${dy < 0 ? 'A' : 'B'}`
      return write(lines + (dx === 0 ? '' : line.to(line.column + dx)), callback)
    },
  }
  cursors.set(stream, cursor)
  return {
    ...cursor,
    isTTY: true,
    columns: COLUMNS,
    rows: ROWS,
    getWindowSize: () => new UserArray(COLUMNS, ROWS),
    getColorDepth: depthOfColors,
    hasColors(count?: unknown, env?: unknown) {
      const [least, asked] = typeof count === 'object' ? [16, count] : [count ?? 16, env]
      return typeof least === 'number' && least <= 2 ** depthOfColors(asked)
    },
  }
}

const nodesDepth: (self: unknown, env: object) => number = uncurry(
  WriteStream.prototype,
  'getColorDepth',
)

/** All front ends know 256 colours; TERM is of the terminal that Jupyter was started in. */
const TERM = 'xterm-256color'
const COLORS = 8

/**
 * Bits of a colour, by Node's own rules. Each `console.log` asks: without variables that matter,
 * the answer is quick.
 */
function depthOfColors(asked?: unknown): number {
  if (typeof asked === 'object' && asked) return nodesDepth(undefined, asked)
  const { FORCE_COLOR, NO_COLOR, NODE_DISABLE_COLORS } = process.env
  if (FORCE_COLOR === undefined && !NO_COLOR && !NODE_DISABLE_COLORS) return COLORS
  return nodesDepth(undefined, {
    TERM,
    ...(FORCE_COLOR === undefined ? {} : { FORCE_COLOR }),
    ...(NO_COLOR === undefined ? {} : { NO_COLOR }),
    ...(NODE_DISABLE_COLORS === undefined ? {} : { NODE_DISABLE_COLORS }),
  })
}

export function clearByConsole(clearOutput: ClearOutput): void {
  console.clear = asUsers(() => clearOutput(false), 'clear')
}

/** Makes the cursor functions of `node:readline` act like the methods of these streams. */
export function moveByReadline(readline: object): void {
  for (const name of ['clearLine', 'clearScreenDown', 'cursorTo', 'moveCursor'] as const) {
    const move: unknown = Reflect.get(readline, name)
    if (typeof move !== 'function') continue
    const moveOurs = (stream: unknown, ...rest: unknown[]): unknown => {
      const cursor = typeof stream === 'object' && stream ? cursors.get(stream) : undefined
      const moved: unknown = cursor
        ? Reflect.apply(cursor[name], cursor, rest)
        : Reflect.apply(move, readline, [stream, ...rest])
      return moved
    }
    Reflect.set(readline, name, asUsers(moveOurs, name))
  }
}
