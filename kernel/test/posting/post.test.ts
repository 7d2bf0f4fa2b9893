// `%post`, `%%post` and `%lsmagic` with a poster that keeps what it gets: docs/spec.md 1.
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PostError } from '../../../post/contract/error.ts'
import type { LinkRequest } from '../../../post/contract/identity.ts'
import { DEFAULT_LIMITS } from '../../../post/contract/schema.ts'
import { Masker } from '../../../post/secrets/mask.ts'
import type { Post, PostContent, StoredPost } from '../../../post/contract/schema.ts'
import { Recorder } from '../../src/capture/recorder.ts'
import { magicHelp } from '../../src/magics/help.ts'
import { magicTable, runCellMagic, runLineMagic } from '../../src/magics/index.ts'
import type { MagicTable } from '../../src/magics/magic.ts'
import type { MagicContext } from '../../src/magics/magic.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'
import { postServices, postingMagics } from '../../src/posting/magics.ts'
import { placeOf } from '../../src/posting/source.ts'
import type { MadeServices } from '../../src/posting/magics.ts'
import type { Outcome } from '../../src/runtime/runtime.ts'

const OK: Outcome = { status: 'ok' }
const error = { ename: 'TypeError', evalue: 'no', traceback: [] }
const FAILED: Outcome = { status: 'error', interrupted: false, error }
const INTERRUPTED: Outcome = { status: 'error', interrupted: true, error }

let posts: Post[]
let notices: string[]
let refusal: Error | undefined
let recorder: Recorder
let table: MagicTable
let services: MadeServices
let changes: PostContent[]
let links: LinkRequest[]
let now: number

beforeEach(() => {
  posts = []
  notices = []
  refusal = undefined
  now = Date.now()
  // A fixed clock: a post tells the duration of a cell that takes a second or more.
  jest.spyOn(Date, 'now').mockImplementation(() => now)
  recorder = new Recorder({ now: () => now })
  changes = []
  links = []
  services = postServices({
    folder: tmpdir(),
    notebook: 'train.ipynb',
    poster: {
      post(post) {
        if (refusal !== undefined) return Promise.reject(refusal)
        posts.push(post)
        const stored = post.targets.map((target) => storedPost('1', target))
        return Promise.resolve({ kind: 'accepted', posts: stored, notices: [] })
      },
      masked: (post) => {
        const masker = new Masker([{ name: 'API_KEY', value: 'correct horse' }])
        return Promise.resolve({ post: masker.post(post), notices: masker.notices })
      },
      change(id, content) {
        changes.push(content)
        return Promise.resolve(storedPost(id, 'lab'))
      },
      link(request) {
        if (refusal !== undefined) return Promise.reject(refusal)
        links.push(request)
        return Promise.resolve({ state: 'sent', message: 'The bot has written to it' })
      },
      limits: () => Promise.resolve(DEFAULT_LIMITS),
      targets: (query) => Promise.resolve(['@me', 'lab'].filter((name) => name.startsWith(query))),
    },
  })
  table = magicTable(postingMagics(services))
})

afterEach(() => {
  jest.restoreAllMocks()
})

function storedPost(id: string, target: string): StoredPost {
  return { id, target, destination: `~${target}`, status: 'queued', notices: [] }
}

function cell(id: string, executionCount: number): MagicContext {
  const { previous } = recorder
  return {
    cellId: id,
    source: '',
    executionCount,
    previous,
    outputs: recorder.begin({ cellId: id, executionCount, source: '', silent: false }),
    signal: new AbortController().signal,
    notice: (text) => notices.push(text),
    stream: (name, text) => recorder.record({ type: 'stream', cellId: id, name, text }),
  }
}

const TABLE = '<table><tr><th>a</th></tr><tr><td>1</td></tr><tr><td>2</td></tr></table>'

const print = (cellId: string, text: string): void =>
  recorder.record({ type: 'stream', cellId, name: 'stdout', text })

async function line(
  text: string,
  context: MagicContext,
  options: { first?: boolean; values?: string[] } = {},
): Promise<void> {
  const [name = '', ...rest] = text.slice(1).split(/(?<=^\w+) /)
  const pieces = rest.join(' ').split('${}')
  await runLineMagic(
    table,
    { name, pieces, values: options.values ?? [] },
    {
      ...context,
      first: options.first ?? false,
      surroundings: { folder: '', env: {} },
      history: { range: () => [], search: () => [] },
      setNextInput: () => undefined,
      changingLine: () => () => undefined,
    },
  )
}

async function runCell(
  text: string,
  body: string,
  context: MagicContext,
  run: () => Outcome,
): Promise<Outcome> {
  return runCellMagic(table, 'post', text, {
    ...context,
    body,
    onOutput: (listener) => recorder.onOutput(context.cellId, listener),
    async interpolate(title) {
      if (title.includes('${gone}')) throw new ReferenceError('gone is not defined')
      return title.replace('${n}', '7')
    },
    surroundings: () => Promise.resolve({ folder: '', env: {} }),
    display: () => undefined,
    run() {
      const outcome = run()
      recorder.finish(context.cellId, outcome)
      return Promise.resolve(outcome)
    },
  })
}

describe('%post', () => {
  test('posts the message as typed, with values filled in, and shows one line', async () => {
    await line("%post @myself   don't  stop at -5C: ${} ${}", cell('a', 12), {
      values: ['--quiet', '$x$'],
    })
    expect(posts).toEqual([
      {
        targets: ['@me'],
        blocks: [{ type: 'message', text: "don't  stop at -5C: --quiet $x$" }],
        files: [],
        source: { notebook: 'train.ipynb', executionCount: 12 },
      },
    ])
    expect(notices).toEqual(['Posted to ~@me'])
  })

  test('without message posts what the cell showed so far, and names the cell', async () => {
    const context = cell('a', 3)
    print('a', 'so far\n')
    await line('%post lab', context)
    expect(posts[0]?.blocks).toEqual([{ type: 'text', text: 'so far', stream: 'stdout' }])
    expect(notices).toEqual(['Posted the output of In [3] so far to ~lab'])
  })

  test('as the first thing of its cell posts what the last finished cell showed, with its status and time', async () => {
    cell('a', 3)
    print('a', 'result')
    now += 192_000
    recorder.finish('a', FAILED)
    await line('%post lab', cell('b', 4), { first: true })
    expect(posts[0]?.blocks.map(({ type }) => type)).toEqual(['text', 'error'])
    expect(posts[0]?.source).toEqual({
      notebook: 'train.ipynb',
      executionCount: 3,
      durationMs: 192_000,
      status: 'failed',
    })
    expect(notices).toEqual(['Posted the output of In [3] to ~lab'])
  })

  test('of a cell that showed nothing is no blank post', async () => {
    await line('%post lab', cell('a', 1))
    expect(posts[0]?.blocks).toEqual([
      { type: 'notice', text: expect.stringMatching(/^No output/) },
    ])
  })

  test('attaches files from the notebook folder, keeps a thread, and is quiet', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'magic-'))
    writeFileSync(join(folder, 'my notes.txt'), 'notes')
    await line(`%post --quiet --thread 007 --attach "${folder}/my notes.txt" lab see`, cell('a', 1))
    rmSync(folder, { recursive: true })
    expect(posts[0]).toMatchObject({
      thread: '007',
      files: [{ name: 'my notes.txt', mimetype: 'text/plain' }],
    })
    expect(posts[0]?.blocks.at(-1)).toEqual({ type: 'file', file: 0 })
    expect(notices).toEqual([])
  })

  test('--preview shows the post and sends nothing', async () => {
    await line('%post --preview lab **hi**', cell('a', 1))
    expect(posts).toEqual([])
    expect(notices[0]).toContain('**hi**')
  })

  test.each([
    [{ 'text/html': TABLE, 'text/plain': 'a  b' }, '[a table of 2 rows]\na  b'],
    [{ 'text/html': '<TR><td>1', 'text/plain': '' }, '[a table of 1 row]'],
    [{ 'text/html': '<b>hi</b>', 'text/plain': '<b>hi</b>' }, '[HTML]'],
  ])('--preview names HTML, which the relay reads, with its text: %j', async (data, shown) => {
    const context = cell('a', 1)
    recorder.record({ type: 'display_data', cellId: 'a', content: { data, metadata: {} } })
    await line('%post --preview lab', context)
    expect(notices).toEqual([`Preview, nothing was posted. To lab:\n\n${shown}`])
  })

  test('--preview asks the relay nothing: it is shown at once where none answers', async () => {
    services.poster.limits = () => Promise.reject(new Error('asked for limits'))
    const context = cell('a', 1)
    print('a', 'seen')
    await line('%post --preview lab', context)
    const outcome = await runCell('--preview lab', '', context, () => ({ status: 'ok' }))
    expect(outcome).toEqual({ status: 'ok' })
    expect(notices).toEqual([expect.stringContaining('seen'), expect.stringContaining('seen')])
  })

  test('--preview shows what is left after masking', async () => {
    await line('%post --preview lab the key is correct horse', cell('a', 1))
    expect(notices[0]).toContain('the key is [masked: API_KEY]')
    expect(notices[0]).toContain('1 secret masked')
  })

  test('--no-mask is a wish that goes along with the post', async () => {
    await line('%post --no-mask lab correct horse', cell('a', 1))
    expect(posts[0]).toMatchObject({ mask: 'off', blocks: [{ text: 'correct horse' }] })
  })

  test.each([
    ['%post', 'Expected a TARGET'],
    ['%post --thraed lab hi', 'Unknown flag --thraed'],
    ['%post ../x hi', 'is no target'],
    ['%post a/b hi', 'is no target'],
    ['%post ${} hi', 'filled in only in MESSAGE'],
    ['%post lab --quiet ${} hi', 'comes before TARGET: %post --quiet lab ${...} hi\n'],
    ['%post --thread ${} lab hi', 'filled in only in MESSAGE'],
    ['%nope lab', 'There is no magic %nope'],
  ])('%s is a usage error, nothing is sent', async (text, words) => {
    const failure = line(text, cell('a', 1), { values: ['lab'] })
    await expect(failure).rejects.toThrow(words)
    await expect(failure).rejects.toBeInstanceOf(UsageError)
    expect(posts).toEqual([])
  })

  test.each([
    ['ada', { path: 'api/v1/identity', body: { name: 'ada' } }],
    ['@Ada.L', { path: 'api/v1/identity', body: { name: 'Ada.L' } }],
    ['lab-chat:ada', { path: 'api/v1/identity', body: { service: 'lab-chat', name: 'ada' } }],
    ['12345678', { path: 'api/v1/identity', body: { name: '12345678' } }],
    ['1234-5678', { path: 'api/v1/identity/code', body: { code: '1234-5678' } }],
  ])('--link %s asks the relay, posts nothing, and shows its answer', async (word, request) => {
    await line(`%post --link ${word}`, cell('a', 1))
    expect(links).toEqual([request])
    expect(notices).toEqual(['The bot has written to it'])
    expect(posts).toEqual([])
  })

  test.each([
    ['--link', /^--link needs a value: --link NAME\nUsage/],
    ['--link ada @me', /^--link takes one word and nothing else, got "@me" too/],
    ['--link ada hello there', /^--link takes one word and nothing else, got "hello" too/],
    ['--quiet --link ada', /^--link takes one word and nothing else, got "--quiet" too/],
    ['--link ada --link bob', /^--link was given 2 times/],
    ['--link a/b:c', /^Expected your user name at the chat, .* got "a\/b:c"/],
  ])('%s is a usage error', async (words, why) => {
    const failed = line(`%post ${words}`, cell('a', 1))
    await expect(failed).rejects.toThrow(UsageError)
    await expect(failed).rejects.toThrow(why)
    await expect(failed).rejects.toThrow(/Usage: %post/)
    expect(links).toEqual([])
  })

  test('--link is of the line alone, is in the help and completed', async () => {
    const context = cell('a', 1)
    await expect(runCell('--link ada', '1', context, () => OK)).rejects.toThrow(
      /Unknown flag --link/,
    )
    const help = String(magicHelp(table, '%post?')?.['text/plain'])
    expect(help.split('Usage: %%post')[0]).toContain('--link NAME')
    expect(await table.get('post')?.complete?.('--li', 'line')).toEqual(['--link'])
    expect(await table.get('post')?.complete?.('--li', 'cell')).toEqual(['--live'])
  })

  test('a refusal is the error of the cell', async () => {
    refusal = new PostError('unknown_target', 'no ~labb')
    await expect(line('%post labb hi', cell('a', 1))).rejects.toBe(refusal)
  })
})

describe('%%post', () => {
  test('runs the cell and posts title, source and outputs', async () => {
    const context = cell('a', 5)
    const outcome = await runCell('lab -i Run ${n}', 'train()\n', context, () => {
      print('a', 'loss 0.1\n')
      return OK
    })
    expect(outcome).toBe(OK)
    expect(posts[0]?.blocks).toEqual([
      { type: 'message', text: 'Run 7' },
      { type: 'code', text: 'train()', language: 'typescript' },
      { type: 'text', text: 'loss 0.1', stream: 'stdout' },
    ])
    expect(posts[0]?.source).toMatchObject({ executionCount: 5, status: 'ok' })
  })

  test('posts the error of a failing cell, and the reply stays the error', async () => {
    const outcome = await runCell('lab', 'boom()', cell('a', 1), () => FAILED)
    expect(outcome).toBe(FAILED)
    expect(posts[0]?.blocks).toEqual([
      { type: 'error', name: 'TypeError', message: 'no', traceback: '' },
    ])
    expect(posts[0]?.source?.status).toBe('failed')
  })

  test('posts a failing cell although its title and a file name what it never made', async () => {
    const outcome = await runCell(
      '--attach never.png lab Loss ${gone}',
      'boom()',
      cell('a', 1),
      () => FAILED,
    )
    expect(outcome).toBe(FAILED)
    expect(posts[0]?.blocks).toMatchObject([
      { type: 'message', text: 'Loss ${gone}' },
      { type: 'error', message: 'no' },
      { type: 'notice', text: expect.stringContaining('Cannot attach') },
    ])
    const fine = runCell('--attach never.png lab', '1', cell('b', 2), () => OK)
    await expect(fine).rejects.toThrow('Cannot attach')
    expect(posts).toHaveLength(1)
  })

  test.each(['', '--live '])(
    '%sposts a cell whose title throws with the title as typed, then fails with that error',
    async (flag) => {
      const run = runCell(`${flag}lab Loss \${gone}`, 'work()', cell('a', 1), () => {
        print('a', 'trained\n')
        return OK
      })
      await expect(run).rejects.toThrow(new ReferenceError('gone is not defined'))
      expect(posts).toHaveLength(1)
      expect([...posts, ...changes].at(-1)).toMatchObject({
        blocks: [
          { type: 'message', text: 'Loss ${gone}' },
          { type: 'text', text: 'trained' },
        ],
        source: { status: 'ok' },
      })
    },
  )

  test('a title that throws in a cell that is not posted changes nothing', async () => {
    const run = runCell('--on error lab Loss ${gone}', 'work()', cell('a', 1), () => OK)
    expect(await run).toBe(OK)
    expect(posts).toEqual([])
  })

  test('of a failing cell that cannot be posted tells both', async () => {
    refusal = new PostError('not_allowed', 'not a member of ~lab')
    expect(await runCell('lab', 'boom()', cell('a', 1), () => FAILED)).toBe(FAILED)
    expect(notices).toEqual(['Not posted: not a member of ~lab'])
  })

  test.each(['--live', '--on error', '--slow 5m'])('-r takes no %s', async (flag) => {
    const run = runCell(`-r ${flag} lab`, 'text', cell('a', 1), () => OK)
    await expect(run).rejects.toThrow(
      `--raw runs nothing, so it cannot be combined with ${flag.split(' ')[0]}`,
    )
    expect(posts).toEqual([])
  })

  test('-r posts the body as it is and runs nothing', async () => {
    const body = '# Title\n\n${not filled} `code`\n'
    const outcome = await runCell('-r lab', body, cell('a', 1), () => {
      throw new Error('must not run')
    })
    expect(outcome).toEqual(OK)
    expect(posts[0]?.blocks).toEqual([{ type: 'message', text: body.trimEnd() }])
  })

  test('an interrupted cell is not posted, the receipt says how to', async () => {
    expect(await runCell('lab', 'x', cell('a', 1), () => INTERRUPTED)).toBe(INTERRUPTED)
    expect(posts).toEqual([])
    expect(notices).toEqual(['Interrupted, not posted. %post lab posts what the cell showed.'])
  })

  test.each([
    ['--on error lab', OK, 0],
    ['--on error lab', FAILED, 1],
    ['--on done lab', FAILED, 0],
    ['--on done lab', OK, 1],
    ['--on always lab', INTERRUPTED, 1],
    ['--slow 30s lab', OK, 0],
    ['--slow 0.001s lab', OK, 1],
  ])('%s after %j gives %i posts', async (flags, outcome, count) => {
    await runCell(flags, 'x', cell('a', 1), () => {
      now += 1000
      return outcome
    })
    expect(posts).toHaveLength(count)
  })

  test.each(['--on sometimes lab', '--slow soon lab', 'lab --what', '', '-r lab'])(
    'a mistake in %j runs nothing',
    async (text) => {
      const failure = runCell(text, ' ', cell('a', 1), () => {
        throw new Error('must not run')
      })
      await expect(failure).rejects.toBeInstanceOf(UsageError)
    },
  )
})

test('%lsmagic lists the table', async () => {
  await line('%lsmagic', cell('a', 1))
  expect(notices[0]).toMatch(/^%post +Posts a message/)
  expect(notices[0]).toContain('%%post')
})

test.each(['%post', '%%post', '%post?', '?%post'])('help for %s comes from the table', (text) => {
  const help = String(magicHelp(table, text)?.['text/plain'])
  expect(help).toContain('Usage: %post [flags] TARGET [MESSAGE]')
  expect(help).toContain('-i, --input')
})

test('no help for what is no magic', () => {
  expect(magicHelp(table, '%nope?')).toBeUndefined()
  expect(magicHelp(table, 'post?')).toBeUndefined()
})

test.each([
  ['line', '', ['@me', 'lab']],
  ['line', 'la', ['lab']],
  ['line', '--quiet l', ['lab']],
  ['line', '--qu', ['--quiet']],
  ['line', '--attach plot.png l', ['lab']],
  ['line', 'lab hel', []],
  ['line', 'lab --q', []],
  ['line', '@me,', ['@me,lab']],
  ['line', '@me,l', ['@me,lab']],
  ['line', '--thread run', ['run-7']],
  ['line', '--liv', []],
  ['cell', '--li', ['--live']],
  ['cell', 'lab --li', ['--live']],
  ['cell', 'lab --on d', ['done']],
] as const)('completion on a %s of %j gives %j', async (kind, text, matches) => {
  services.threads.add('run-7')
  expect(await table.get('post')?.complete?.(text, kind)).toEqual(matches)
})

test.each([
  ['o', ['off']],
  ['la', ['lab']],
  ['lab --s', ['--slow']],
])('completion after %%autopost of %j gives %j', async (text, matches) => {
  expect(await table.get('autopost')?.complete?.(text, 'line')).toEqual(matches)
})

describe('%%post --live', () => {
  test('posts before the cell runs and writes its final state, files too', async () => {
    const context = cell('a', 3)
    await runCell('--live --thread run lab Title ${n}', 'work()', context, () => {
      expect(posts).toEqual([
        {
          targets: ['lab'],
          thread: 'run',
          blocks: [{ type: 'notice', text: 'running' }],
          files: [],
          source: { notebook: 'train.ipynb', executionCount: 3 },
        },
      ])
      print('a', 'all done\n')
      return { status: 'ok' }
    })
    expect(posts).toHaveLength(1)
    expect(changes.at(-1)).toMatchObject({
      blocks: [
        { type: 'message', text: 'Title 7' },
        { type: 'text', text: 'all done' },
      ],
      source: { status: 'ok' },
    })
    await services.open.close()
  })

  test('shows its end also when a file that its cell never made is missing, which is said', async () => {
    const run = runCell('--live --attach never.png lab', '', cell('a', 3), () => OK)
    await expect(run).rejects.toThrow('Cannot attach')
    const end = [{ type: 'notice', text: expect.stringContaining('Cannot attach') }]
    expect(changes.at(-1)).toMatchObject({ source: { status: 'ok' } })
    expect(changes.at(-1)?.blocks.slice(-1)).toEqual(end)
    expect(await runCell('--live --attach never.png lab', '', cell('b', 4), () => FAILED)).toBe(
      FAILED,
    )
    expect(changes.at(-1)).toMatchObject({ source: { status: 'failed' } })
    expect(changes.at(-1)?.blocks.slice(-1)).toEqual(end)
  })

  test('an interrupted cell ends as interrupted', async () => {
    await runCell('--live lab', 'work()', cell('a', 3), () => INTERRUPTED)
    expect(changes.at(-1)?.source?.status).toBe('interrupted')
  })

  test('output after the reply is written when the kernel ends', async () => {
    await runCell('--live lab', 'work()', cell('a', 3), () => ({ status: 'ok' }))
    recorder.begin({ cellId: 'b', executionCount: 4, source: '', silent: false })
    recorder.finish('b', { status: 'ok' })
    print('a', 'late\n')
    await services.open.close()
    expect(changes.at(-1)?.blocks).toEqual([{ type: 'text', stream: 'stdout', text: 'late' }])
  })

  test.each(['--on error', '--slow 5m'])('takes no %s', async (flag) => {
    const run = runCell(`--live ${flag} lab`, '', cell('a', 3), () => ({ status: 'ok' }))
    await expect(run).rejects.toThrow('--live posts when the cell starts')
    expect(posts).toEqual([])
  })
})

async function autopostOn(text: string): Promise<void> {
  await line(`%autopost ${text}`, cell('first', 1))
  notices.length = 0
}
/** Ends a cell that took this many ms. */
async function ends(id: string, outcome: Outcome, took = 0, source = 'work()'): Promise<void> {
  const context = { ...cell(id, 2), source, kept: true }
  now += took
  recorder.finish(id, outcome)
  await services.autopost.cellEnded(context, outcome)
}

describe('%autopost', () => {
  test('posts every later cell, without a receipt, until it is off', async () => {
    await autopostOn('lab')
    await ends('first', { status: 'ok' })
    expect(posts).toEqual([])
    await ends('a', { status: 'ok' })
    await ends('b', FAILED)
    expect(posts.map(({ source }) => source?.status)).toEqual(['ok', 'failed'])
    expect(notices).toEqual([])
    await line('%autopost off', cell('c', 4))
    await ends('d', { status: 'ok' })
    expect(posts).toHaveLength(2)
  })

  test('keeps to --slow and --on', async () => {
    await autopostOn('lab --slow 5m --on error')
    await ends('a', FAILED, 1000)
    await ends('b', { status: 'ok' }, 400_000)
    expect(posts).toEqual([])
    await ends('c', FAILED, 300_000)
    expect(posts).toHaveLength(1)
  })

  test('posts an interrupted cell as such, and one with a %%post of its own once', async () => {
    await autopostOn('lab')
    await ends('a', INTERRUPTED)
    expect(posts[0]?.source?.status).toBe('interrupted')
    await ends('b', { status: 'ok' }, 0, '%%post lab\nwork()')
    expect(posts).toHaveLength(1)
    await runCell('lab', 'work()', cell('c', 3), () => INTERRUPTED)
    expect(posts).toHaveLength(2)
  })

  test('a refused post is told and is no error of the cell', async () => {
    await autopostOn('lab')
    refusal = new PostError('unknown_target', 'no lab here')
    await ends('a', { status: 'ok' })
    expect(notices).toEqual(['Not posted: no lab here'])
  })

  test.each([
    ['', 'Expected a TARGET'],
    ['lab now', 'takes no MESSAGE'],
    ['lab --slow soon', '--slow takes a time'],
  ])('refuses %j', async (text, message) => {
    await expect(line(`%autopost ${text}`, cell('a', 1))).rejects.toThrow(message)
    expect(services.autopost.isOn).toBe(false)
  })
})

test('the notebook that a cell names comes before that of the session', () => {
  const named = { executionCount: 3, notebook: 'code.ipynb' }
  expect(placeOf({ notebook: 'train.ipynb' }, named)).toMatchObject({ notebook: 'code.ipynb' })
  expect(placeOf({ notebook: 'train.ipynb' }, { executionCount: 3 })).toEqual({
    notebook: 'train.ipynb',
    executionCount: 3,
  })
})
