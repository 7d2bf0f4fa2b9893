// The cases of masking that both languages run, with secrets filled in.
import { z } from 'zod'
import { PostManifest } from '../../contract/schema.ts'
import { fixture } from './fixture.ts'

const Files = z.array(z.object({ name: z.string(), mimetype: z.string(), text: z.string() }))
const Named = PostManifest.extend({ files: Files })
const Variables = z.array(z.tuple([z.string(), z.string()]))

export const cases = fixture(
  'masking',
  z.object({
    /**
     * Each has one secret, between « and ». A test fills in {class:length} from its own generator,
     * so that no text in this repository looks like a secret to a scanner.
     */
    masked: z.array(z.object({ mask: z.string(), text: z.string() })),
    /** Looks like a secret, except for a letter or a digit before or after it. */
    within: z.array(z.string()),
    untouched: z.array(z.string()),
    names: z.object({ secret: z.array(z.string()), other: z.array(z.string()) }),
    values: z.array(
      z.object({
        variables: Variables,
        markup: z.boolean().default(false),
        text: z.string(),
        masked: z.string(),
      }),
    ),
    posts: z.array(
      z.object({
        name: z.string(),
        variables: Variables,
        post: Named,
        masked: Named,
        notices: z.array(z.string()),
      }),
    ),
  }),
)

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

/**
 * The same text each time, from a linear congruential generator. It ends in letters and digits and
 * has one of each early.
 */
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

/** A text of the cases with its secrets filled in. */
export const filled = (text: string, seed: number) =>
  text
    .replaceAll('{=}', '')
    .replaceAll(/\{=(\w+)\}/g, '$1')
    .replaceAll(/\{(\w+):(\d+)\}/g, (_, name: string, length: string) =>
      random(name, Number(length), seed),
    )

/** The text before the secret, the secret, the text after it, and its mask. */
export const secrets = cases.masked.map(({ mask, text }, n) => {
  const [before = '', secret = '', after = ''] = filled(text, n + 1).split(/[«»]/)
  return { name: text, mask, before, secret, after }
})
