// `jupyterpost inbox`: the newest posts that this person may read, and links to the page. With a
// local relay, each link lets one browser in, once; `--forget` withdraws this for all of them.
import { blockText } from './block-text.ts'
import type { RelayPoster } from '../post/relay/poster.ts'
import type { ReadPost } from '../post/contract/schema.ts'
import { UsageError } from '../post/arguments/usage-error.ts'
import { flagRows } from '../post/arguments/usage.ts'
import type { Flag } from '../post/contract/flags.ts'
import type { Parsed } from '../post/arguments/parser.ts'
import { ADDRESS_FLAGS, posterOf, readArguments } from './address.ts'
import { openInBrowser } from './browser.ts'
import { EXIT } from './command.ts'
import type { Command } from './command.ts'
import { News } from './news.ts'

const FLAGS: readonly Flag[] = [
  {
    name: '--number',
    short: '-n',
    value: 'N',
    description: 'how many posts, 1 to 200; 10 if not given',
  },
  {
    name: '--before',
    value: 'PLACE',
    description: 'older posts: those before the PLACE that was printed last',
  },
  { name: '--json', description: 'print each post as a line of JSON' },
  {
    name: '--open',
    description: 'let your browser in and open the page there, instead of printing posts',
  },
  { name: '--forget', description: 'withdraw the access of all browsers' },
  ...ADDRESS_FLAGS,
]

export const inbox: Command = {
  summary: 'print the newest posts and the address of the inbox page',
  usage: `Usage: jupyterpost inbox [flags]

${flagRows(FLAGS)}`,
  async run(argv, env) {
    const words = readArguments(argv, FLAGS)
    const unexpected = words.words[0]
    if (unexpected !== undefined) throw new UsageError(`Unexpected ${unexpected}`)
    const number = numberOf(words)
    const poster = posterOf(words, env)
    if (words.flags.has('forget')) return forget(poster)
    if (words.flags.has('open')) return open(poster, env)
    const before = words.flags.get('before')?.at(-1)
    await list(poster, { number, before, asJson: words.flags.has('json') })
    await new News(env).tell(poster)
    return EXIT.accepted
  },
}

function numberOf({ flags }: Parsed): number {
  const number = Number(flags.get('number')?.at(-1) ?? 10)
  if (Number.isInteger(number) && number >= 1 && number <= 200) return number
  throw new UsageError('-n takes a number from 1 to 200')
}

interface Listed {
  number: number
  before: string | undefined
  asJson: boolean
}

async function list(poster: RelayPoster, { number, before: place, asJson }: Listed): Promise<void> {
  const { posts, before } = await poster.newest(number, place)
  const ofInbox = posts.filter(({ service }) => service === 'inbox')
  const links = await poster.page(ofInbox.map(({ id }) => id))
  const urls = new Map(ofInbox.map(({ id }, n) => [id, links.posts[n]?.href]))
  for (const post of posts) {
    const url = urls.get(post.id) ?? post.url
    const linked = { ...post, ...(url !== undefined && { url }) }
    process.stdout.write(asJson ? `${JSON.stringify(linked)}\n` : `${describe(linked)}\n\n`)
  }
  if (asJson) return
  if (posts.length === 0)
    process.stdout.write(place === undefined ? 'No posts yet.\n\n' : 'No older posts.\n\n')
  if (before !== undefined)
    process.stdout.write(`Older posts: jupyterpost inbox --before ${before}\n`)
  process.stdout.write(`Inbox page: ${links.page.href}\n`)
}

/** Without a browser here, for example over ssh, it prints the link to open elsewhere. */
async function open(poster: RelayPoster, env: NodeJS.ProcessEnv): Promise<number> {
  const { page } = await poster.page([])
  const isOpen = await openInBrowser(page, env)
  process.stdout.write(
    isOpen ? 'The inbox page opens in your browser.\n' : `Open in your browser: ${page.href}\n`,
  )
  return EXIT.accepted
}

async function forget(poster: RelayPoster): Promise<number> {
  const count = await poster.forgetPages()
  const browsers = count === 1 ? '1 browser' : `${count} browsers`
  process.stdout.write(
    `${browsers} forgotten. To open the inbox page again, use a new link of \`jupyterpost inbox\`.\n`,
  )
  return EXIT.accepted
}

function describe(post: ReadPost): string {
  const { from, destination, source, acceptedAt, status, error, url } = post
  const parts = [
    new Date(acceptedAt).toLocaleString('sv'),
    `${from} to ${destination}`,
    ...(source.notebook === undefined ? [] : [source.notebook]),
    ...(source.executionCount === undefined ? [] : [`In [${source.executionCount}]`]),
    error === undefined ? status : `${status}: ${error}`,
    ...(url === undefined ? [] : [url]),
  ]
  const body = post.blocks.map((block) => blockText(block, post.files)).join('\n\n')
  return `${parts.join(' · ')}\n${body.replaceAll(/^(?=.)/gm, '    ')}`
}
