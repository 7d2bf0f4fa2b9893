// What a stranger sends to make a program scan the same text again and again: beginnings without an
// end, marks that could begin anything, runs that end just before what is searched for. A text
// repeats its unit up to a megabyte; seeded, so that each run is the same.
import { SECRET_SHAPES } from '../../../post/secrets/shapes.ts'

export const SIZE = 1024 * 1024

const MARKUP = `<!-- --> <!----> <!DOCTYPE <!DOCTYPE> <?xml <?xml?> <svg <svg> </svg> <image/> <table> <table <tr> <td> <td>x </table>
  <style> <br <a\u0020href=" <img\u0020src=' colspan= < </ &# &#x &amp; &commat; &#64; & href="#" viewBox="`
const MARKDOWN = `![]( ![a](b ![](data:image/png;base64, ![](data:image/png;base64,AAAA\u0020" ]( [ [[ ![ ** *a _a ~~ \` \`\`
  \`\`\` ~~~ > # - | |- |\u0020-\u0020| $ $a \\ \\( \\[ http:// https://a @ @all @a. ~town :a:`
const BLANKS = ['\n', '\r', ' ', '\t', ' \n', '\n\n x', ' x', '\u00a0', '\u200b', '\0']
const TERMINAL = [
  '\u001b[',
  '\u001b]',
  '\u001b]0;a\u0007',
  '\u001b[31m',
  '\u001bP',
  '\u009b',
].concat([
  '\u001b[1K',
  '\u001b[9999Gx\n',
  'x\u001b[9999G\u001b[1K\r',
  '\u001b[2J',
  '\u001b[A',
  '\b',
])
const CODE = `( { \${ \${a " ' /* // / %post key= key=" token:a= -- --a= a$ $. a.b at\u0020 \n\u0020\u0020at\u0020a\u0020(
  :1:1 1 0. 1_ 1e -1 1\u0020 1,1 A a é 🎉 \ud800`

const wordsOf = (text: string) => text.split(/[ \n]+/).filter((word) => word !== '')
const FRAGMENTS = [MARKUP, MARKDOWN, CODE].flatMap(wordsOf).concat(BLANKS, TERMINAL)

/** Mulberry32. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

/** Fragments joined at random: some to repeat, and a few mixtures of thousands. */
function mixtures(seed: number, count: number, lengths: readonly [number, number]): string[] {
  const random = randomFrom(seed)
  return Array.from({ length: count }, () => {
    const [least, most] = lengths
    const parts = Array.from(
      { length: least + random(most - least + 1) },
      () => FRAGMENTS[random(FRAGMENTS.length)] ?? '',
    )
    return parts.join('')
  })
}

/** Units of any text. */
export const UNITS: readonly string[] = [
  ...FRAGMENTS,
  ...mixtures(1, 24, [2, 4]),
  ...mixtures(2, 2, [3000, 3000]),
]

/** Units that look like the beginning of a secret. */
export const SECRET_UNITS: readonly string[] = [
  ...new Set(SECRET_SHAPES.flatMap(({ hints }) => hints)),
]
  .flatMap((hint) => [hint, `${hint}-`, `0m${hint}`])
  .concat('-----BEGIN PRIVATE KEY-----', '-----BEGIN PRIVATE KEY-----\n\\n', '://a:', 'a://b:c')
  .concat('curl -u ', 'curl -u=', 'curl -u a', 'host=', 'HOST=a;', 'host=a;b=c;', 'host=a b=c ')
  .concat('Bearer ', 'Bearer a', 'authorization:', 'x-api-key:', '?token=', '?token=a', '"auth":"')
  .concat('machine a login b ', 'machine a ', 'secret_key', 'password = ', "key: a = '", 'a$')

/** A megabyte, cut anywhere. */
export function hostileText(unit: string): string {
  return unit.repeat(Math.ceil(SIZE / unit.length)).slice(0, SIZE)
}
