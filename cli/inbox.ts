// `jupyterpost inbox`: the newest posts that this person may read, and the address of the page.
import { blockText } from './block-text.ts'
import type { ReadPost } from '../post/schema.ts'
import { ADDRESS_FLAGS, ADDRESS_USAGE, posterOf } from './address.ts'
import { EXIT, parseWords, UsageError } from './command.ts'
import type { Command } from './command.ts'

const FLAGS = {
  ...ADDRESS_FLAGS,
  number: { short: 'n', value: true },
  json: { value: false },
} as const

export const inbox: Command = {
  summary: 'print the newest posts and the address of the inbox page',
  usage: `Usage: jupyterpost inbox [flags]

  -n, --number N     how many posts, 1 to 200; 10 if not given
  --json             one JSON document a line
${ADDRESS_USAGE}`,
  async run(argv, env) {
    const words = parseWords(argv, FLAGS)
    const unexpected = words.words[0]
    if (unexpected !== undefined) throw new UsageError(`Unexpected ${unexpected}`)
    const number = Number(words.flags.get('number')?.at(-1) ?? 10)
    if (!Number.isInteger(number) || number < 1 || number > 200)
      throw new UsageError('-n takes a number from 1 to 200')
    const poster = posterOf(words, env)
    const { posts } = await poster.newest(number)
    if (words.flags.has('json')) {
      for (const post of posts) process.stdout.write(`${JSON.stringify(post)}\n`)
      return EXIT.accepted
    }
    for (const post of posts) process.stdout.write(`${describe(post)}\n\n`)
    if (posts.length === 0) process.stdout.write('No posts yet.\n\n')
    process.stdout.write(`Inbox page: ${(await poster.page()).href}\n`)
    return EXIT.accepted
  },
}

function describe(post: ReadPost): string {
  const { from, destination, source, acceptedAt, status, error } = post
  const parts = [
    new Date(acceptedAt).toLocaleString('sv'),
    `${from} to ${destination}`,
    ...(source.notebook === undefined ? [] : [source.notebook]),
    ...(source.executionCount === undefined ? [] : [`In [${source.executionCount}]`]),
    error === undefined ? status : `${status}: ${error}`,
  ]
  const body = post.blocks.map((block) => blockText(block, post.files)).join('\n\n')
  return `${parts.join(' · ')}\n${body.replaceAll(/^(?=.)/gm, '    ')}`
}
