// The cost of masking for each MB of text, plain and hostile: `node bench/mask.ts`. The table
// allows only bounded repeats, so no text takes much longer than another.
import { performance } from 'node:perf_hooks'
import { Masker } from '../post/secrets/mask.ts'

const MB = 1_000_000
const filled = (part: string) => part.repeat(Math.ceil(MB / part.length)).slice(0, MB)
const texts: Array<[name: string, text: string]> = [
  ['lines of a training', filled('epoch 3/10 loss=0.1234 acc=0.9876\n')],
  [
    'every hint',
    filled('token= sk- ghp_ gl xox eyJ :AA SK dp. pat PRIVATE KEY Bearer ://a ?x=y hooks AIza '),
  ],
  [
    'base64',
    filled(Buffer.from(filled('some bytes, more bytes. ').slice(0, 3000)).toString('base64')),
  ],
  ['dots', filled('eyJ.')],
  ['a token without its end', filled('ghp_')],
  ['addresses', filled('a://b:c')],
  ['heads of keys', filled('-----BEGIN PRIVATE KEY-----')],
  ['colours', filled('\u001b[31mx\u001b[0m')],
  ['curl', filled('curl ')],
  ['settings', filled('user=a;password ')],
]
const variables = Array.from({ length: 50 }, (_, n) => ({
  name: 'KEY',
  value: `value number ${n}`,
}))

for (const [name, text] of texts) {
  for (const markup of [false, true]) {
    const start = performance.now()
    const masker = new Masker(variables)
    masker.text(text, markup)
    const ms = (performance.now() - start).toFixed(0)
    console.log(`${ms.padStart(5)} ms  ${name}${markup ? ', as HTML' : ''}`)
  }
}
