// A line of the log for people: time, level, words, then `name=value`. What comes from outside
// cannot begin a line or move a cursor, because everything that is no plain character is escaped.

const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}
/** Values that need no quotes. */
const BARE = /^[\w@~#:/.+%?&-]+$/
/** Nested objects are shown to this depth, as in `req.path=/`. */
const MOST_LEVELS = 3

/** @param line - One JSON object, as pino writes it. */
export function textLine(line: string): string {
  const { time, level, msg, ...rest } = fieldsOf(line)
  const at = new Date(typeof time === 'number' ? time : 0).toISOString()
  const name = (typeof level === 'number' ? LEVELS[level] : undefined) ?? 'info'
  const words = typeof msg === 'string' ? [msg] : []
  const pairs = pairsOf(rest, '', MOST_LEVELS)
  return `${printable([at, name.toUpperCase().padEnd(5), ...words, ...pairs].join(' '))}\n`
}

/** Control characters, and those that separate lines or turn their direction, as `\\u001b`. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) =>
    Array.from({ length: character.length }, (_, n) => escaped(character.charCodeAt(n))).join(''),
  )
}

/** As in JSON. */
function escaped(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, '0')}`
}

function fieldsOf(line: string): Record<string, unknown> {
  const fields: unknown = JSON.parse(line)
  return typeof fields === 'object' && fields !== null ? { ...fields } : {}
}

function pairsOf(fields: object, before: string, levels: number): string[] {
  return Object.entries(fields).flatMap(([name, value]: [string, unknown]) => {
    const path = before + name
    const isNested = typeof value === 'object' && value !== null && !Array.isArray(value)
    if (isNested && levels > 1) return pairsOf(value, `${path}.`, levels - 1)
    return value === '' || value === null || isEmpty(value) ? [] : [`${path}=${shown(value)}`]
  })
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return typeof value !== 'string' || BARE.test(text) ? text : JSON.stringify(text)
}
