// The golden sets of what is a secret and what is not.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const linesOf = (name: string): string[] =>
  readFileSync(join(import.meta.dirname, '../fixtures', name), 'utf8')
    .trimEnd()
    .split('\n')

const LOWER = 'abcdefghijklmnopqrstuvwxyz'
const DIGITS = '0123456789'
const CLASSES: Record<string, string> = {
  alnum: LOWER + LOWER.toUpperCase() + DIGITS,
  word: `${LOWER + LOWER.toUpperCase() + DIGITS}_-`,
  b64: `${LOWER + LOWER.toUpperCase() + DIGITS}+/`,
  lower: LOWER + DIGITS,
  UPPER: LOWER.toUpperCase() + DIGITS,
  hex: `${DIGITS}abcdef`,
  HEX: `${DIGITS}ABCDEF`,
  digit: DIGITS,
}

/** The same text each time (numbers of a linear congruential generator); ends in letters and digits, has one of each early. */
function random(className: string, length: number, seed: number): string {
  const letters = CLASSES[className] ?? ''
  let state = seed
  const any = Array.from({ length }, () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32
    return letters[Math.floor((state / 2 ** 32) * letters.length)]
  }).join('')
  const safe = letters.includes('7') ? '7' : 'k'
  return length < 4 ? any : `${any.slice(0, 1)}${safe}${any.slice(2, -1)}${safe}`
}

/** A text before, the secret, what follows, and its mask. */
export const secrets = linesOf('secrets.txt')
  .filter((line) => !line.startsWith('#'))
  .map((line, n) => {
    const [mask = '', ...rest] = line.split('|')
    const filled = rest
      .join('|')
      .replaceAll('{=}', '')
      .replaceAll(/\{=(\w+)\}/g, '$1')
      .replaceAll(/\{(\w+):(\d+)\}/g, (_, name: string, length: string) =>
        random(name, Number(length), n + 1),
      )
      .replaceAll('⏎', '\n')
    const [before = '', secret = '', after = ''] = filled.split(/[«»]/)
    return { name: rest.join('|'), mask, before, secret, after }
  })

export const innocent = linesOf('innocent.txt')
