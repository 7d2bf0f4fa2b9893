// `jupyterpost post`: a message and files from a shell or a script.
import { resolve } from 'node:path'
import { diskFile, fileBlock } from '../post/api/file-types.ts'
import { receiptText } from '../post/relay/receipt.ts'
import type { Block } from '../post/contract/schema.ts'
import { parseTargets } from '../post/contract/target.ts'
import { terminalText } from '../post/text/terminal-text.ts'
import { UsageError } from '../post/arguments/usage-error.ts'
import { flagRows } from '../post/arguments/usage.ts'
import { flagNamed } from '../post/contract/flags.ts'
import type { Flag } from '../post/contract/flags.ts'
import { ADDRESS_FLAGS, posterOf, readArguments } from './address.ts'
import { EXIT } from './command.ts'
import type { Command } from './command.ts'
import { News } from './news.ts'
import { isPipe, pipedText } from './standard-input.ts'

const FLAGS: readonly Flag[] = [
  { ...flagNamed('--attach'), short: '-a' },
  { name: '--markdown', description: 'standard input is markdown' },
  flagNamed('--thread'),
  flagNamed('--no-mask'),
  ...ADDRESS_FLAGS,
]

export const post: Command = {
  summary: 'post a message or files',
  usage: `Usage: jupyterpost post TARGET [MESSAGE...] [flags]

TARGET is @me, @name or the name of a channel, or several with commas. MESSAGE is markdown.
If MESSAGE is -, standard input is posted as a code block. The same happens with a pipe if there is
neither MESSAGE nor attachment.

${flagRows(FLAGS)}

Exit codes: 0 accepted, 1 refused, 2 usage, 3 the relay is away (the post is kept and sent later)`,
  async run(argv, env) {
    const words = readArguments(argv, FLAGS)
    const news = new News(env)
    const poster = posterOf(words, env, { onSent: (posts) => news.expect(posts) })
    const [target, ...rest] = words.words
    if (target === undefined) throw new UsageError('Expected a TARGET')
    const targets = parseTargets(target)
    const paths = words.flags.get('attach') ?? []
    const files = await Promise.all(paths.map((path) => diskFile(resolve(path), { pipes: true })))
    const isAsked = rest.length === 1 && rest[0] === '-'
    const isRead = isAsked || (rest.length === 0 && files.length === 0 && isPipe())
    const message = isRead ? await pipedText() : rest.join(' ')
    if (isAsked && message.trim() === '')
      throw new UsageError('Expected a MESSAGE on standard input, which was empty')
    const blocks =
      message.trim() === '' ? [] : [textBlock(message, isRead && !words.flags.has('markdown'))]
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
      news.expect(receipt.posts)
      await news.tell(poster)
      return EXIT.accepted
    }
    process.stderr.write(line)
    return EXIT.spooled
  },
}

/** Output of a program is shown as it is: its stars, dashes and indentation are not markdown. */
function textBlock(text: string, isPrinted: boolean): Block {
  if (!isPrinted) return { type: 'message', text }
  return { type: 'text', text: terminalText(text), stream: 'stdout' }
}
