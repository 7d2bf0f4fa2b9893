// A value as the cell of a table: short, and for a number with many digits also as it is.
import { inspect } from 'node:util'
import { Number, Object, String } from '../../api/primordials.ts'

/** Characters of one cell. */
const CELL = 300
/** Significant digits of a number with a fraction; digits before the point are never left out. */
const DIGITS = 6

export interface Cell {
  text: string
  /** All digits, if `text` is a number rounded for reading. */
  full?: string
}

export function cellOf(value: unknown): Cell {
  if (typeof value === 'number') return numberCell(value)
  const text =
    typeof value === 'string'
      ? value
      : inspect(value, {
          depth: 1,
          breakLength: Infinity,
          maxArrayLength: 20,
          maxStringLength: CELL,
        })
  return { text: text.length > CELL ? `${text.slice(0, CELL)}…` : text }
}

function numberCell(value: number): Cell {
  const full = Object.is(value, -0) ? '-0' : String(value)
  if (!Number.isFinite(value) || Number.isInteger(value)) return { text: full }
  const isLong = value >= 10 ** DIGITS || value <= -(10 ** DIGITS)
  const text = isLong ? value.toFixed(0) : String(Number(value.toPrecision(DIGITS)))
  return text === full ? { text } : { text, full }
}
