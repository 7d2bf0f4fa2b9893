// The program as people and scripts run it: exit codes and output, against the real local relay and
// a stand-in.
import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { z } from 'zod'
import { testFolder } from '../../post/test/helpers/folder.ts'
import type { TestFolder } from '../../post/test/helpers/folder.ts'
import { problem, startStandIn } from '../../post/test/helpers/relay.ts'
import type { StandIn } from '../../post/test/helpers/relay.ts'
import type { StoredPost } from '../../post/contract/schema.ts'
import { readFragment } from '../../post/contract/page-access.ts'
import { RelayFile } from '../../post/relay/relay-file.ts'
import { RememberedPosts } from '../../post/relay/remembered-posts.ts'
import { within } from '../../test/helpers/until.ts'
import { BrowserKey } from '../../service/test/helpers/browser-key.ts'

const extension = import.meta.url.split('.').at(-1)
const MAIN = fileURLToPath(new URL(`../main.${extension}`, import.meta.url))

let folder: TestFolder

beforeEach(() => {
  folder = testFolder()
})

afterEach(() => folder.remove())

async function jupyterpost(
  args: readonly string[],
  options: { env?: NodeJS.ProcessEnv; stdin?: string | undefined } = { stdin: '' },
) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder.path,
    env: { ...folder.env, ...options.env },
  })
  // Undefined: the pipe stays open, but nobody writes to it.
  if (!('stdin' in options) || options.stdin !== undefined) child.stdin.end(options.stdin ?? '')
  const closed = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed])
  expect(stderr).not.toMatch(/^\s+at /m)
  return { code, stdout, stderr }
}

describe('with a relay', () => {
  let relay: StandIn

  beforeEach(async () => {
    relay = await startStandIn()
    Object.assign(folder.env, { JUPYTERPOST_URL: relay.url, JUPYTERPOST_TOKEN: 'secret-token' })
  })

  afterEach(() => relay.close())

  test('-h among the words of a message is one of them', async () => {
    expect(await jupyterpost(['post', '@me', 'see', 'ls', '-h'])).toMatchObject({ code: 0 })
    expect(relay.taken[0]?.manifest.blocks).toEqual([{ type: 'message', text: 'see ls -h' }])
  })

  test('a proxy that refuses an upload and reads no more of it keeps no program alive', async () => {
    writeFileSync(join(folder.path, 'large.bin'), new Uint8Array(20_000_000))
    relay.misbehave = ({ socket }) => {
      socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno')
      return undefined
    }
    const posted = jupyterpost(['post', 'lab', 'data', '-a', 'large.bin'])
    const { code, stderr } = await within(posted, 'the program ends')
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining('refuses a post of this size (413)'),
    ])
  })

  test('post joins its words, attaches files under their true type, and exits with 0', async () => {
    writeFileSync(
      join(folder.path, 'plot.txt'),
      Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
    )
    const { code, stdout } = await jupyterpost([
      'post',
      'lab,@me',
      'result',
      '-5C',
      '-a',
      'plot.txt',
      '--thread',
      '007',
    ])
    expect([code, stdout]).toEqual([0, 'Posted to lab (stand-in)\nPosted to @me (stand-in)\n'])
    expect(relay.taken[0]?.manifest).toEqual({
      targets: ['lab', '@me'],
      thread: '007',
      blocks: [
        { type: 'message', text: 'result -5C' },
        { type: 'image', file: 0 },
      ],
    })
    expect(relay.taken[0]?.files[0]).toMatchObject({ name: 'plot.txt', mimetype: 'image/png' })
  })

  test('post takes dash words after -- and a message from standard input', async () => {
    await jupyterpost(['post', '@me', '--', '--thread', 'is text'])
    await jupyterpost(['post', '@me', '-', '--markdown'], { stdin: '# two\nlines\n' })
    expect(relay.taken.map(({ manifest }) => manifest.blocks)).toEqual([
      [{ type: 'message', text: '--thread is text' }],
      [{ type: 'message', text: '# two\nlines' }],
    ])
  })

  test('what a program prints into post is a code block: its stars and dashes are no markdown', async () => {
    const stdin = '\u001b[31m*** failed ***\u001b[0m\n  # 2 of 7\n'
    const printed = [{ type: 'text', text: '*** failed ***\n  # 2 of 7', stream: 'stdout' }]
    await jupyterpost(['post', '@me', '-'], { stdin })
    await jupyterpost(['post', '@me'], { stdin })
    expect(relay.taken.map(({ manifest }) => manifest.blocks)).toEqual([printed, printed])
  })

  test('a pipe is left alone if there is a MESSAGE or a file to post', async () => {
    writeFileSync(join(folder.path, 'a.txt'), 'a')
    // Nobody closes this pipe: a program that reads it waits for ever.
    const open = { stdin: undefined }
    await jupyterpost(['post', '@me', 'done'], open)
    await jupyterpost(['post', '@me', '-a', 'a.txt'], open)
    expect(relay.taken.map(({ manifest }) => manifest.blocks)).toEqual([
      [{ type: 'message', text: 'done' }],
      [{ type: 'file', file: 0 }],
    ])
  })

  test('a pipe that is empty or no text posts nothing, and says why', async () => {
    expect(await jupyterpost(['post', '@me', '-'], { stdin: '\n' })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Expected a MESSAGE on standard input, which was empty'),
    })
    expect(await jupyterpost(['post', '@me', '-'], { stdin: 'PNG\0' })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('Standard input is not text: attach a file with --attach'),
    })
    expect(relay.taken).toEqual([])
  })

  test('a token comes from a file', async () => {
    writeFileSync(join(folder.path, 'token'), 'from-file\n')
    await jupyterpost(['post', '@me', 'hi', '--token-file', 'token'])
    expect(relay.taken[0]?.authorization).toBe('token from-file')
  })

  test('a refusal is exit code 1 and the words of the relay', async () => {
    relay.misbehave = problem(404, 'unknown_target', 'There is no ~labb', { nearest: ['lab'] })
    const { code, stderr } = await jupyterpost(['post', 'labb', 'hi'])
    expect([code, stderr]).toEqual([
      1,
      'jupyterpost post: There is no ~labb\nYou may post to: lab\n',
    ])
  })

  test('post masks by look and by its environment, and says so; --no-mask is a wish', async () => {
    const secret = `ghp_${'a1B2'.repeat(9)}`
    const env = { LAB_PASSWORD: 'correct horse' }
    const { stdout } = await jupyterpost(['post', '@me', secret, 'correct', 'horse'], { env })
    expect(stdout).toContain('2 secrets masked')
    await jupyterpost(['post', '--no-mask', '@me', secret])
    expect(relay.taken.map(({ manifest }) => manifest)).toMatchObject([
      { blocks: [{ text: '[masked: GitHub token] [masked: LAB_PASSWORD]' }] },
      { mask: 'off', blocks: [{ text: secret }] },
    ])
  })

  test('a relay that is away is exit code 3; the post is listed, sent once and gone', async () => {
    const port = Number(new URL(relay.url).port)
    await relay.close()
    const { code, stderr } = await jupyterpost(['post', '@me', 'later'])
    expect(code).toBe(3)
    expect(stderr).toMatch(
      /^Not posted yet: .*refuses connections.*when the relay can be reached\.\n$/,
    )
    expect((await jupyterpost(['spool', 'ls'])).stdout).toMatch(
      /^\S+\.post .* to @me at http.*refuses connections/,
    )
    expect((await jupyterpost(['spool', 'send'])).code).toBe(3)
    relay = await startStandIn(port)
    expect(await jupyterpost(['spool', 'send'])).toMatchObject({ code: 0, stdout: '1 sent\n' })
    expect(relay.taken).toHaveLength(1)
    expect((await jupyterpost(['spool'])).stdout).toBe('No posts are waiting.\n')
  }, 30_000)

  test('a post that was set aside is listed as such, and sent on demand', async () => {
    const port = Number(new URL(relay.url).port)
    await relay.close()
    await jupyterpost(['post', '@me', 'later'])
    const spool = join(folder.path, 'state/jupyterpost/spool')
    const [name = ''] = readdirSync(spool).filter((one) => one.endsWith('.post'))
    renameSync(join(spool, name), join(spool, name.replace('.post', '.aside')))
    expect((await jupyterpost(['spool', 'ls'])).stdout).toMatch(/^\S+\.aside .* set aside, /)
    relay = await startStandIn(port)
    expect(await jupyterpost(['spool', 'send'])).toMatchObject({ code: 0, stdout: '1 sent\n' })
  }, 30_000)
})

function queued(id: string): StoredPost {
  return { id, target: 'lab', destination: 'lab', status: 'queued', notices: [] }
}

/** Posts of one call are refused by the chat after the call has ended. */
describe('a post that the chat refuses after the call', () => {
  const REFUSED = 'jupyterpost: The post to @me (stand-in) was refused later: no such channel\n'
  let relay: StandIn
  let file: string

  beforeEach(async () => {
    relay = await startStandIn()
    relay.end = { status: 'dead', error: 'no such channel' }
    Object.assign(folder.env, { JUPYTERPOST_URL: relay.url, JUPYTERPOST_TOKEN: 'secret-token' })
    file = join(folder.path, 'state/jupyterpost/unseen-posts.json')
  })

  afterEach(() => relay.close())

  test('is told by the next call, once, in a file that nobody else can read', async () => {
    expect((await jupyterpost(['post', '@me', 'one'])).stderr).toBe('')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8')).not.toContain('secret-token')
    const next = await jupyterpost(['post', '@me', 'two'])
    expect(next).toMatchObject({ code: 0, stdout: 'Posted to @me (stand-in)\n', stderr: REFUSED })
    expect((await jupyterpost(['spool', 'send'])).stderr).toBe(REFUSED)
    expect((await jupyterpost(['spool', 'send'])).stderr).toBe('')
  })

  test('is told although the clock was set back by an hour', async () => {
    await jupyterpost(['post', '@me', 'one'])
    const known = z
      .array(z.looseObject({ at: z.number() }))
      .parse(JSON.parse(readFileSync(file, 'utf8')))
    writeFileSync(file, JSON.stringify(known.map((one) => ({ ...one, at: one.at + 60 * 60_000 }))))
    expect((await jupyterpost(['spool', 'send'])).stderr).toBe(REFUSED)
  })

  test('of which one had waited in the spool is told too', async () => {
    const port = Number(new URL(relay.url).port)
    await relay.close()
    await jupyterpost(['post', '@me', 'one'])
    const { end } = relay
    relay = await startStandIn(port)
    relay.end = end
    expect(await jupyterpost(['spool', 'send'])).toMatchObject({ code: 0, stderr: '' })
    expect((await jupyterpost(['spool', 'send'])).stderr).toBe(REFUSED)
  })

  test('is told by one of two calls at once, and neither loses its own post', async () => {
    await jupyterpost(['post', '@me', 'one'])
    const both = await Promise.all([
      jupyterpost(['post', '@me', 'two']),
      jupyterpost(['post', '@me', 'three']),
    ])
    const rest = await jupyterpost(['spool', 'send'])
    const told = [...both, rest].map(({ stderr }) => stderr).join('')
    expect(told).toBe(REFUSED.repeat(3))
  })

  test('is told only by a call to the same relay', async () => {
    await jupyterpost(['post', '@me', 'one'])
    const other = await startStandIn()
    const env = { JUPYTERPOST_URL: other.url }
    expect((await jupyterpost(['post', '@me', 'two'], { env })).stderr).toBe('')
    await other.close()
    expect((await jupyterpost(['spool', 'send'])).stderr).toBe(REFUSED)
  })

  test('a damaged file of them is one line, and the call goes on', async () => {
    await jupyterpost(['post', '@me', 'one'])
    for (const damaged of ['{"half":', '[{"id":1}]', ' '.repeat(2 ** 21)]) {
      writeFileSync(file, damaged)
      const { code, stderr } = await jupyterpost(['post', '@me', 'two'])
      expect([code, stderr.split('\n').length]).toEqual([0, 2])
      expect(stderr).toContain(`${file} is damaged`)
    }
  })

  test('keeps no more than the newest hundred, and none for longer than a relay tries', async () => {
    const owner = { relay: relay.url, user: 'ada' }
    const posts = new RememberedPosts(dirname(file), () => undefined)
    const ids = Array.from({ length: 150 }, (_, number) => `post-${number}`)
    await posts.add(owner, ids.map(queued))
    const kept = z.array(z.object({ id: z.string(), at: z.number() }))
    const read = () => kept.parse(JSON.parse(readFileSync(file, 'utf8')))
    expect(read().map(({ id }) => id)).toEqual(ids.slice(50))
    const old = read().map((post) => ({ ...owner, ...post, at: Date.now() - 26 * 3600_000 }))
    writeFileSync(file, JSON.stringify(old))
    expect(posts.has(owner)).toBe(false)
  })

  test('a relay that hangs holds up no call for long', async () => {
    await jupyterpost(['post', '@me', 'one'])
    relay.hangs = true
    const began = performance.now()
    expect((await jupyterpost(['post', '@me', 'two'])).code).toBe(0)
    // Ten seconds would be the limit of a request that somebody waits for.
    expect(performance.now() - began).toBeLessThan(8000)
    relay.hangs = false
    const told = (await jupyterpost(['spool', 'send'])).stderr
    expect(told).toBe(REFUSED.repeat(2))
  })
})

describe('a mistake is exit code 2 with the usage', () => {
  test.each([
    [[], 'Usage: jupyterpost SUBCOMMAND'],
    [['psot'], 'no subcommand "psot"'],
    [['constructor'], 'no subcommand "constructor"'],
    [['post'], 'Expected a TARGET'],
    [['post', '@me'], 'Expected a MESSAGE or an attachment'],
    [['post', '@me', 'hi', '--thraed', 'x'], 'Unknown flag --thraed'],
    [['post', '@me', 'hi', '--no-thread'], 'Unknown flag --no-thread'],
    [['post', '@me', 'hi', '--thread'], '--thread needs a value\n'],
    [['post', '@me', 'hi', '--thread', '--attach', 'x'], '--thread needs a value\n'],
    [['post', '@me', 'hi', '-a'], '--attach needs a value\n'],
    [
      ['post', '@me', 'hi', '--token', 'secret-token'],
      '--token is refused: arguments can be read by others',
    ],
    [['post', '@me', 'hi', '--token-file', '/nowhere'], 'Cannot read --token-file'],
    [['inbox', '-n', '0'], '-n takes a number from 1 to 200'],
    [['inbox', 'x'], 'Unexpected x'],
    [['spool', 'burn'], 'Expected ls, send or drop, not burn'],
    [['spool', 'drop'], 'Expected the names of entries, or --all'],
  ])('%j', async (args, words) => {
    const { code, stderr, stdout } = await jupyterpost(args)
    expect(stderr).toContain(words)
    expect(stderr).toContain('Usage: ')
    expect(stderr).not.toContain('secret-token')
    expect([code, stdout]).toEqual([2, ''])
  })
})

test.each([
  [['post', '../x', 'hi'], {}, 'is no target'],
  [['post', '@me', '-a', 'none.png'], {}, 'Cannot attach'],
  [['post', '@me', '-a', '/dev/null'], {}, 'Cannot attach /dev/null: it is a device or a pipe'],
  [['post', '@me', 'hi'], { JUPYTERHUB_USER: 'ada' }, 'JUPYTERPOST_URL is not set'],
  [
    ['post', '@me', 'hi'],
    { JUPYTERPOST_URL: 'http://127.0.0.1:9/' },
    'No token for http://127.0.0.1:9/',
  ],
])('%j with %j is exit code 1 and says why', async (args, env, words) => {
  const { code, stderr } = await jupyterpost(args, { env })
  expect(stderr).toContain(words)
  expect(code).toBe(1)
})

test.each(
  [['--help'], ['post', '--help'], ['inbox', '-h'], ['spool', '--help'], ['relay', '--help']].map(
    (args) => [args],
  ),
)('%j prints help and exits with 0', async (args) => {
  const { code, stdout } = await jupyterpost(args)
  expect(stdout).toMatch(/^Usage: jupyterpost /)
  expect(code).toBe(0)
})

test('without any configuration the first post starts the relay of this machine, and the inbox shows it', async () => {
  const [first, second] = await Promise.all([
    jupyterpost(['post', '@me', 'hello']),
    jupyterpost(['post', '@me', 'again \u001b[2J']),
  ])
  const file = RelayFile.parse(
    JSON.parse(readFileSync(join(folder.path, 'runtime/relay.json'), 'utf8')),
  )
  try {
    expect(first.stdout).toMatch(/^Posted to your inbox/)
    expect(second.stdout).toMatch(/^Posted to your inbox/)
    const inbox = await jupyterpost(['inbox'])
    expect(inbox.stdout).toMatch(/ {4}hello\n/)
    expect(inbox.stdout).toMatch(/ {4}again/)
    expect(inbox.stdout).not.toContain('\u001b')
    const newest = await jupyterpost(['inbox', '-n', '1'])
    expect(newest.stdout).toMatch(/ {4}again/)
    const before = /--before (\S+)/.exec(newest.stdout)?.[1] ?? ''
    const older = await jupyterpost(['inbox', '--before', before])
    expect(older.stdout).toMatch(/ {4}hello\n/)
    expect(older.stdout).not.toMatch(/again|Older posts/)
    expect(inbox.stdout).toContain(`Inbox page: http://127.0.0.1:${file.port}/`)
    // The links of receipts, posts and the page: each lets one browser in, so all are different.
    const links = [first, second, inbox].flatMap(({ stdout }) => stdout.match(/http:\S+/g) ?? [])
    const codes = links.map((link) => readFragment(new URL(link).hash).code)
    expect(new Set(codes).size).toBe(5)
    expect(codes).not.toContain(undefined)
    for (const link of links) {
      const key = await BrowserKey.make()
      expect((await key.register(file.url, link)).status).toBe(201)
    }
    const forgotten = await jupyterpost(['inbox', '--forget'])
    expect(forgotten).toMatchObject({ code: 0, stdout: expect.stringMatching(/^5 browsers/) })
  } finally {
    process.kill(file.pid, 'SIGTERM')
  }
}, 30_000)

test('--open leads the browser to the page by a file that only its owner reads; without one it prints the link', async () => {
  const bin = join(folder.path, 'bin')
  mkdirSync(bin)
  const opened = join(folder.path, 'opened')
  writeFileSync(join(bin, 'xdg-open'), `#!/bin/sh\nprintf %s "$1" > ${opened}\n`, { mode: 0o755 })
  const here = { DISPLAY: ':0', PATH: `${bin}:${process.env.PATH}` }
  const printed = await jupyterpost(['inbox', '--open'], {
    env: { DISPLAY: '', WAYLAND_DISPLAY: '' },
  })
  const { pid, url } = RelayFile.parse(
    JSON.parse(readFileSync(join(folder.path, 'runtime/relay.json'), 'utf8')),
  )
  try {
    expect(printed.stdout).toMatch(
      /^Open in your browser: http:\/\/127\.0\.0\.1:\d+\/\?run=\w+#\.\S+\n$/,
    )
    const open = await jupyterpost(['inbox', '--open'], { env: here })
    expect(open).toMatchObject({ code: 0, stdout: 'The inbox page opens in your browser.\n' })
    const path = join(folder.path, 'runtime/jupyterpost-inbox.html')
    expect(statSync(path).mode & 0o777).toBe(0o600)
    const link = /url=([^"]+)"/.exec(readFileSync(path, 'utf8'))?.[1] ?? ''
    expect((await (await BrowserKey.make()).register(url, link)).status).toBe(201)
    // There is no such program, or it finds no browser.
    const none = await jupyterpost(['inbox', '--open'], { env: { ...here, PATH: '' } })
    expect(none.stdout).toMatch(/^Open in your browser: /)
    writeFileSync(join(bin, 'xdg-open'), '#!/bin/sh\nexit 3\n')
    const failed = await jupyterpost(['inbox', '--open'], { env: here })
    expect(failed.stdout).toMatch(/^Open in your browser: /)
  } finally {
    process.kill(pid, 'SIGTERM')
  }
}, 30_000)

test('a spool that cannot be written is one line that names it', async () => {
  writeFileSync(join(folder.path, 'file'), '')
  Object.assign(folder.env, {
    JUPYTERPOST_URL: 'http://127.0.0.1:9/',
    JUPYTERPOST_TOKEN: 'secret-token',
    XDG_STATE_HOME: join(folder.path, 'file'),
  })
  const { code, stderr } = await jupyterpost(['post', '@me', 'hello'])
  expect(code).toBe(1)
  expect(stderr).toMatch(/^jupyterpost post: [^\n]*\/file\/[^\n]*\n$/)
})
