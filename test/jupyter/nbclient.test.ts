// The examples, executed by nbclient as `jupyter execute` does: each cell ends as the notebook
// says, and each post arrives.
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { readInbox } from '../../start/relay.ts'
import { stateFolder } from '../../post/relay/folders.ts'
import type { Post, ReadPost } from '../../post/contract/schema.ts'
import { Spool } from '../../post/relay/spool.ts'
import { root, testHome } from '../helpers/clone.ts'
import type { TestHome } from '../helpers/clone.ts'
import { executeNotebooks } from './helpers/executed.ts'
import type { ExecutedNotebook } from './helpers/executed.ts'
import { bePerson } from './helpers/person.ts'

const LIMIT = 240_000
/** Installs packages; kernel/test/dom.test.ts runs it with those of the clone. */
const INSTALLS = 'plots.ipynb'
const EXAMPLES = readdirSync(join(root, 'examples')).filter(
  (name) => name.endsWith('.ipynb') && name !== INSTALLS,
)

const WAITING: Post = {
  targets: ['lab'],
  blocks: [{ type: 'message', text: 'Not of an example' }],
  files: [],
}

let home: TestHome
/** Ends with the last thing they say, or with the relay. */
let person: Promise<void>
/** Posts that waited for another relay before the examples ran. */
let spool: Spool
let executed: ReadonlyMap<string, ExecutedNotebook>
let arrived: ReadPost[]

/** Tracked files that differ from the last commit. */
const changedFiles = () =>
  execFileSync('git', ['status', '--porcelain', '--untracked-files=no'], {
    cwd: root,
    encoding: 'utf8',
  })
let before: string

beforeAll(async () => {
  before = changedFiles()
  home = await testHome()
  const relay = await home.relay()
  person = bePerson(relay, LIMIT)
  spool = new Spool(stateFolder(home.env))
  await spool.add(WAITING, { relay: 'http://127.0.0.1:8/', user: 'ada' }, 'it was away')
  // A cell that is called wrong does not run: nbclient hears no warning that comes late.
  home.env['JUPYTERPOST_TYPES'] = 'error'
  executed = await executeNotebooks(home, EXAMPLES)
  arrived = await readInbox(relay)
}, LIMIT)

afterAll(async () => {
  await home[Symbol.asyncDispose]()
  await Promise.allSettled([person])
}, LIMIT)

/** Text of its outputs, as JSON. */
const shown = (name: string) =>
  JSON.stringify(executed.get(name)?.cells.flatMap(({ outputs }) => outputs))
const postsOf = (name: string) => arrived.filter(({ source }) => source.notebook === name)
/** Each post as `types of its blocks`. */
const kinds = (posts: ReadPost[]) =>
  posts.map(({ blocks }) => blocks.map(({ type }) => type).join(' '))
/** Each post as JSON of its blocks. */
const texts = (posts: ReadPost[]) => posts.map(({ blocks }) => JSON.stringify(blocks))

test.each(EXAMPLES)('nbclient executes examples/%s from its first cell to its last', (name) => {
  expect(executed.get(name)?.error).toBeNull()
  const code = executed.get(name)?.cells.filter((cell) => cell.cell_type === 'code')
  expect(code?.length).toBeGreaterThan(4)
})

test.each(EXAMPLES)('the type checker has nothing against examples/%s', (name) => {
  const outputs = executed.get(name)?.cells.flatMap((cell) => cell.outputs)
  const said = outputs?.flatMap(({ text = '' }) => (text.includes('error TS') ? [text] : []))
  expect(said).toEqual([])
})

test('no example changed a tracked file of the clone', () => {
  expect(changedFiles()).toBe(before)
})

test('the TypeScript example shows what its text says', () => {
  const text = shown('typescript.ipynb')
  for (const words of [
    'depth: 10 m',
    'add(2, 3)',
    'close a file',
    'FAR',
    'step 2, done',
    'text/latex',
  ])
    expect(text).toContain(words)
  expect(text).not.toContain('step 1')
  expect(text).not.toContain('"output_type":"error"')
})

test('the example of magics shows what its text says', () => {
  const text = shown('magics.ipynb')
  for (const words of [
    'Wall time: ',
    'per loop (mean ± std. dev. of 3 runs, 100 loops each)',
    '333328333350000',
    'Writing depth.ts',
    '30.48',
    'got two',
    'env: API_KEY=[masked]',
    'THE TOTAL IS 333328333350000',
    'Prints a text in capitals.',
    'squares',
  ])
    expect(text).toContain(words)
  expect(text).not.toContain('horse')
  expect(text).not.toContain('"output_type":"error"')
})

test('the example of JSX shows what its text says', () => {
  const text = shown('jsx.ipynb')
  for (const words of [
    '<ul><li><b>baseline</b>: 0.42</li>',
    'image/svg+xml',
    '<Bars width={300} />',
    '<h4>The best of three</h4><svg',
    '<em>&lt;b&gt;this&lt;/b&gt; took its time</em>',
    "'<div style=",
  ])
    expect(text).toContain(words)
  expect(text).not.toContain('"output_type":"error"')
})

test('the posts of the live example show their last state', () => {
  const posts = postsOf('live-and-progress.ipynb')
  expect(texts(posts)).toEqual([
    expect.stringContaining('epoch 3 of 3'),
    expect.stringContaining('All figures are in the notebook'),
    expect.stringMatching(/small-net.*100 % · 40\/40.*\*\*done\*\*.*loss 0.025 · rate 0.01/),
    expect.stringMatching(/large-net.*20 % · 2\/10.*\*\*failed\*\*.*loss NaN.*RangeError/),
    expect.stringMatching(/Counting words.*counted alpha.*gamma.*words: 3/),
    expect.stringContaining('posted without a magic of its own'),
  ])
  expect(posts[1]?.thread).toBe(posts[0]?.thread)
})

test('the posts of the first example are in the inbox, delivered', () => {
  expect(kinds(postsOf('first-post.ipynb'))).toEqual([
    'message',
    'message',
    expect.stringMatching(/text/),
    expect.stringMatching(/latex/),
    expect.stringMatching(/markdown/),
    expect.stringMatching(/image/),
    expect.stringMatching(/text.*error/),
    'message',
  ])
})

test('of the capture example everything arrives: text, formulas, tables, pictures, a plot, an update, nothing, an error', () => {
  const posts = postsOf('capture-everything.ipynb')
  expect(kinds(posts)).toEqual([
    'message text text',
    'message latex markdown',
    'message table table',
    'message image image image',
    'message image',
    'message text text',
    'message notice',
    'message error',
  ])
  expect(posts.map(({ files }) => files.map(({ mimetype }) => mimetype))).toEqual([
    [],
    [],
    [],
    ['image/png', 'image/png', 'image/png'],
    ['image/png'],
    [],
    [],
    [],
  ])
  expect(texts(posts)[0]).toContain('loading 100 %\\nready')
  expect(texts(posts)[0]).toContain('a warning')
  expect(texts(posts)[5]).toMatch(/finished.*in between/)
  expect(posts.at(-1)).toMatchObject({
    source: { status: 'failed' },
    blocks: [{}, { name: 'RangeError', message: 'an accuracy of 9.73' }],
  })
})

test('the autopost example posts the cell that failed, the long one, and once the one that posts itself', () => {
  expect(texts(postsOf('autopost.ipynb'))).toEqual([
    expect.stringMatching(/step 41.*RangeError.*step 42/),
    expect.stringContaining('a long computation ended'),
    expect.stringMatching(/By itself.*posted once/),
  ])
})

test('the example in code posts attachments by their type, changes a post, replies, and takes one back', () => {
  const posts = postsOf('post-from-code.ipynb')
  expect(posts.map(({ blocks }) => blocks[0])).toEqual([
    { type: 'message', text: 'Hello from **code**' },
    { type: 'message', text: 'A plot and its figures' },
    { type: 'message', text: 'epoch 3 of 3: loss **0.12**' },
    { type: 'message', text: 'All figures are in the notebook.' },
    { type: 'message', text: 'Nobody waits for me' },
  ])
  expect(posts.map(({ files }) => files.map(({ name }) => name))).toEqual([
    [],
    [expect.stringMatching(/\.png$/), 'losses.csv'],
    [expect.stringMatching(/\.png$/)],
    [],
    [],
  ])
  expect(posts[3]?.thread).toBe(posts[2]?.thread)
  expect(shown('post-from-code.ipynb')).toContain('unknown_target ·')
})

test('the example of targets posts to each of a list or to none, and threads by their key', () => {
  const posts = postsOf('threads-and-targets.ipynb')
  expect(posts.map(({ target, thread }) => [target, thread])).toEqual([
    ['#lab', undefined],
    ['lab', undefined],
    ['@me', undefined],
    ['lab', 'run 7'],
    ['lab', 'run 8'],
    ['lab', 'run 7'],
    ['lab', 'run 8'],
  ])
  expect(shown('threads-and-targets.ipynb')).toContain('PostError')
})

test('the example of secrets posts none but the one that it wants to, and previews without posting', () => {
  const posts = texts(postsOf('masking-and-preview.ipynb'))
  expect(posts).toEqual([
    expect.stringMatching(/\[masked: apiKey\].*postgres:\/\/ada:\[masked\]@db/),
    expect.stringMatching(/Key \[masked: apiKey\], commit 6f2c1e0b/),
    expect.stringContaining('not-a-real-key-83b1'),
  ])
  expect(posts.slice(0, 2).join()).not.toMatch(/not-a-real-key|swordfish/)
  expect(shown('masking-and-preview.ipynb')).toContain('Preview, nothing was posted')
})

test('the example of questions goes on with what a person answered, and says when nobody did', () => {
  const text = shown('ask.ipynb')
  for (const words of [
    'going on',
    'learning rate 0.2',
    'sgd 100',
    'no_answer ·',
    'here it is: yes',
  ])
    expect(text).toContain(words)
  expect(text).toContain('Asked your inbox: no answer in time')
  expect(postsOf('ask.ipynb').map(({ question }) => question?.answer.state)).toEqual([
    'answered',
    'answered',
    'answered',
    'answered',
    'expired',
    'answered',
  ])
})

test('the cell of the watch example tells its status, stops at a word from the chat, and keeps its variables', () => {
  const [live, status, after, ...more] = postsOf('watch.ipynb')
  expect(more).toEqual([])
  expect(live?.source.status).toBe('interrupted')
  expect(status?.thread).toBe(live?.thread)
  expect(texts([live, status].filter((post) => post !== undefined))).toEqual([
    expect.stringContaining('epoch 1: loss 1.000'),
    expect.stringContaining('epoch 1: loss 1.000'),
  ])
  expect(after?.blocks[0]).toMatchObject({ text: expect.stringMatching(/loss of 0\.\d{3}$/) })
  expect(shown('watch.ipynb')).toMatch(/KeyboardInterrupt.*there are losses: true/)
})

test('the post of the spool example is kept, listed and dropped, and what waited before still waits', async () => {
  const text = shown('spool.ipynb')
  expect(text).toMatch(/Not posted yet: .*It is kept and sent to lab when the relay can be reached/)
  expect(text).toMatch(/spooled ·.*to lab at http:\/\/127\.0\.0\.1:9\/: .*1 dropped/)
  expect((await spool.all()).map(({ head }) => head.manifest.blocks)).toEqual([WAITING.blocks])
  expect(postsOf('spool.ipynb')).toEqual([])
})

test('the Python example posts by magics and from code what its cells show', () => {
  const posts = postsOf('python.ipynb')
  expect(kinds(posts)).toEqual([
    'message',
    'message text markdown table image',
    'message text error',
    'message image file',
    'message',
    'message markdown text',
  ])
  expect(texts(posts)[0]).toContain('loss is 0.12')
  expect(posts[1]).toMatchObject({ source: { status: 'ok' } })
  expect(posts[2]).toMatchObject({
    source: { status: 'failed' },
    blocks: [{}, {}, { name: 'ValueError', message: 'step 42: loss is nan' }],
  })
  expect(posts[4]?.thread).toBe(posts[3]?.thread)
  expect(texts(posts)[5]).toMatch(/100 % · 40\/40.*\*\*done\*\*/)
})
