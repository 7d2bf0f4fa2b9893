// `jupyterpost spool`: lists, sends or drops the posts that wait because the relay is away.
import { Spool } from '../post/relay/spool.ts'
import { stateFolder } from '../post/relay/folders.ts'
import type { SpoolEntry } from '../post/relay/spool.ts'
import { UsageError } from '../post/arguments/usage-error.ts'
import { flagRows } from '../post/arguments/usage.ts'
import type { Flag } from '../post/contract/flags.ts'
import type { Parsed } from '../post/arguments/parser.ts'
import { ADDRESS_FLAGS, posterOf, readArguments } from './address.ts'
import { EXIT } from './command.ts'
import type { Command } from './command.ts'
import { News } from './news.ts'

const ALL: Flag = { name: '--all', description: 'all posts that wait' }

export const spool: Command = {
  summary: 'list, send or drop the posts that wait for the relay',
  usage: `Usage: jupyterpost spool ls
       jupyterpost spool send [flags]
       jupyterpost spool drop NAME... | --all

ls    lists all waiting posts
send  sends those of this relay and person, and tries those again that were set aside because the
      relay failed at them
drop  deletes posts by the names that ls shows

${flagRows(ADDRESS_FLAGS)}`,
  async run(argv, env) {
    const words = readArguments(argv, [ALL, ...ADDRESS_FLAGS])
    const [action = 'ls', ...names] = words.words
    const waiting = new Spool(stateFolder(env))
    switch (action) {
      case 'ls':
        return list(await waiting.all())
      case 'send':
        await waiting.resume()
        return send(words, env)
      case 'drop':
        return drop(waiting, names, words.flags.has('all'))
      default:
        throw new UsageError(`Expected ls, send or drop, not ${action}`)
    }
  },
}

function list(entries: readonly SpoolEntry[]): number {
  if (entries.length === 0) process.stdout.write('No posts are waiting.\n')
  for (const { name, bytes, head, isAside } of entries) {
    const at = new Date(head.spooledAt).toLocaleString('sv')
    process.stdout.write(
      `${name}  ${at}  ${bytes} bytes  for ${head.user} to ${head.manifest.targets.join(',')} at ${head.relay}: ${isAside ? 'set aside, ' : ''}${head.reason}\n`,
    )
  }
  return EXIT.accepted
}

async function send(words: Parsed, env: NodeJS.ProcessEnv): Promise<number> {
  const news = new News(env)
  const poster = posterOf(words, env, { onSent: (posts) => news.expect(posts) })
  const { sent, notices, away } = await poster.flush()
  for (const notice of notices) process.stderr.write(`${notice}\n`)
  process.stdout.write(`${sent.length} sent\n`)
  if (away === undefined) await news.tell(poster)
  if (away === undefined) return notices.length > 0 ? EXIT.refused : EXIT.accepted
  process.stderr.write(`The rest is still waiting: ${away}\n`)
  return EXIT.spooled
}

async function drop(waiting: Spool, names: readonly string[], all: boolean): Promise<number> {
  if (all === names.length > 0) throw new UsageError('Expected the names of entries, or --all')
  const entries = await waiting.all()
  const chosen = all ? entries.map(({ name }) => name) : names
  for (const name of chosen) {
    if (!entries.some((entry) => entry.name === name))
      throw new UsageError(`No waiting post is named ${name}; spool ls lists them`)
    await waiting.drop(name)
  }
  process.stdout.write(`${chosen.length} dropped\n`)
  return EXIT.accepted
}
