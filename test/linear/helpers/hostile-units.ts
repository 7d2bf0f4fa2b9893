// What a stranger sends to make a program scan the same text again and again: beginnings without an end, marks that could begin
// anything, runs that end just before what is looked for. A megabyte is the unit, over and over; seeded, so that each run is the same.
import { SECRET_SHAPES } from '../../../post/secret-shapes.ts'

export const SIZE = 1024 * 1024

const MARKUP = `<!-- --> <!----> <!DOCTYPE <!DOCTYPE> <![CDATA[ <?xml <?xml?> <svg <svg> </svg> <svg/> <image/> <table> <table <tr> <tr>< <td> <td>x
  <th></th> </table> <style> <script> </style> <br> <br/ <a\u0020href=" <img\u0020src=' <p\u0020" colspan= colspan=" < > </ <x\u0020 &# &#x &amp;
  &commat; &#64; &#0 &a & xmlns= href="#" viewBox=" width="`
const MARKDOWN = `![]( ![a](b ![](data:image/png;base64, ![](data:image/png;base64,AAAA\u0020" ]( [ ] [[ ![ ]: * ** *a _a _ __ ~~ \` \`\`
  \`\`\` ~~~ > # - | |- |\u0020-\u0020| |:-: $ $$ $a \\ \\( \\[ \\\\ http:// https://a @ @all @a. @channel ~town : :a:`
const BLANKS = [
  '\n',
  '\r',
  '\r\n',
  ' ',
  '\t',
  ' \n',
  '\n\n x',
  ' x',
  '\u00a0',
  '\u2028',
  '\u200b',
  '\0',
]
const TERMINAL = [
  '\u001b',
  '\u001b[',
  '\u001b]',
  '\u001b]0;a\u0007',
  '\u001b]8;;a\u001b\\',
  '\u001b[31m',
]
  .concat([
    '\u001bP',
    '\u009b',
    '\u001b[1K',
    '\u001b[9999Gx',
    '\u001b[9999Gx\n',
    'x\u001b[9999G\u001b[1K\r',
  ])
  .concat(['\u001b[2J', '\u001b[A', '\u001b[9999Ax\n', '\b', 'x\r', '\u0007'])
const CODE = `( { [ \${ \${a \` " ' /* */ // / % %post %%post key= key=" token:a= -- --a= --attach a$ $. a. a.b at\u0020 \n\u0020\u0020at\u0020a\u0020(
  :1:1 node: 1 0. 1_ 1e 0x e- -1 1\u0020 1,1 A a é 🎉 \ud800`

/** Those that the text begins or ends with are as hostile as what it repeats. */
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

/** Fragments put together by chance: some to repeat, and a few soups of thousands. */
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
  ...mixtures(1, 40, [2, 4]),
  ...mixtures(2, 4, [3000, 3000]),
]

/** Units that look like secrets about to begin. */
export const SECRET_UNITS: readonly string[] = [
  ...new Set(SECRET_SHAPES.flatMap(({ hints }) => hints)),
]
  .flatMap((hint) => [hint, `${hint}-`, ` ${hint}`, `${hint}${'a'.repeat(30)}.`, `0m${hint}`])
  .concat('-----BEGIN PRIVATE KEY-----', '-----BEGIN PRIVATE KEY-----\n\\n', '://a:', 'a://b:c')
  .concat('curl -u ', 'curl -u=', 'curl -u a', 'host=', 'HOST=a;', 'host=a;b=c;', 'host=a b=c ')
  .concat('Bearer ', 'Bearer a', 'authorization:', 'x-api-key:', '?token=', '?token=a', '"auth":"')
  .concat('machine a login b ', 'machine a ', 'secret_key', 'password = ', "key: a = '", 'a$')

/** A megabyte; cut anywhere. */
export function hostileText(unit: string): string {
  return unit.repeat(Math.ceil(SIZE / unit.length)).slice(0, SIZE)
}
