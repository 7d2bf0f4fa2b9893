// `jupyterpost post`: a message and files from a shell or a script.
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { diskFile, fileBlock } from '../post/file-types.ts'
import { receiptText } from '../post/receipt.ts'
import type { Block } from '../post/schema.ts'
import { parseTargets } from '../post/target.ts'
import { ADDRESS_FLAGS, ADDRESS_USAGE, posterOf } from './address.ts'
import { EXIT, parseWords, UsageError } from './command.ts'
import type { Command } from './command.ts'

const FLAGS = {
  ...ADDRESS_FLAGS,
  attach: { short: 'a', value: true },
  thread: { value: true },
  'no-mask': { value: false },
} as const

export const post: Command = {
  summary: 'post a message or files',
  usage: `Usage: jupyterpost post TARGET [MESSAGE...] [flags]

TARGET is @me, @name or the name of a channel; several with commas. MESSAGE is markdown; - reads it from standard input.

  -a, --attach FILE  attach a file; may be given several times
  --thread KEY       posts of one key form one thread
  --no-mask          leave secrets as they are, if the relay lets you
${ADDRESS_USAGE}

Exit codes: 0 accepted, 1 refused, 2 usage, 3 the relay is away (the post is kept and sent later)`,
  async run(argv, env) {
    const words = parseWords(argv, FLAGS)
    const poster = posterOf(words, env)
    const [target, ...rest] = words.words
    if (target === undefined) throw new UsageError('Expected a TARGET')
    const targets = parseTargets(target)
    const message =
      rest.length === 1 && rest[0] === '-' ? (await text(process.stdin)).trimEnd() : rest.join(' ')
    const paths = words.flags.get('attach') ?? []
    const files = await Promise.all(paths.map((path) => diskFile(resolve(path))))
    const blocks: Block[] = message.trim() === '' ? [] : [{ type: 'message', text: message }]
    blocks.push(...files.map(fileBlock))
    if (blocks.length === 0) throw new UsageError('Expected a MESSAGE or an attachment')
    const thread = words.flags.get('thread')?.at(-1)
    const receipt = await poster.post({
      targets,
      blocks,
      files,
      ...(thread === undefined ? {} : { thread }),
      ...(words.flags.has('no-mask') ? { mask: 'off' } : {}),
    })
    const line = `${receiptText(receipt).text}\n`
    if (receipt.kind === 'accepted') {
      process.stdout.write(line)
      return EXIT.accepted
    }
    process.stderr.write(line)
    return EXIT.spooled
  },
}
