// The examples, executed by nbclient as `jupyter execute` does: each cell ends as the notebook says it does, and each post arrives.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { z } from 'zod'
import { inVenv } from '../../start/venv.ts'
import { readInbox } from '../../start/relay.ts'
import type { Relay } from '../../start/relay.ts'
import { startVenv } from '../../start/clone.ts'
import type { ReadPost } from '../../post/schema.ts'
import { authorized, events } from '../../service/test/helpers/relay.ts'
import { root, testHome } from '../helpers/clone.ts'
import type { TestHome } from '../helpers/clone.ts'
import { finish } from '../helpers/program.ts'

const LIMIT = 240_000
const EXAMPLES = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.ipynb'))

/**
 * Executes the notebooks of its arguments, each with a kernel that knows its name, and prints what each became as a line of JSON. A cell
 * that fails without the tag raises-exception ends its notebook.
 */
const PROGRAM = `
import json, os, sys, nbformat
from nbclient import NotebookClient
for path in sys.argv[1:]:
    os.environ["JPY_SESSION_NAME"] = path
    nb = nbformat.read(path, as_version=4)
    error = None
    try:
        NotebookClient(nb, timeout=60, iopub_timeout=10, raise_on_iopub_timeout=True).execute()
    except Exception as raised:
        error = str(raised)
    print(json.dumps({"name": os.path.basename(path), "error": error, "cells": nb.cells}))
`

const Output = z.looseObject({
  output_type: z.string(),
  text: z.string().optional(),
  ename: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
})
const Executed = z.object({
  name: z.string(),
  error: z.string().nullable(),
  cells: z.array(
    z.object({
      cell_type: z.string(),
      source: z.string(),
      outputs: z.array(Output).default([]),
    }),
  ),
})

/** What a person says in the inbox to the questions of the examples, by their words. */
const ANSWERS: ReadonlyArray<[question: string, answer: string]> = [
  ['learning rate of', '1'],
  ['Which learning rate', '0.2'],
  ['Which optimizer', 'SGD'],
  ['How many epochs', '2'],
  ['Another round', 'yes'],
]

/** Answers each as it comes. */
async function answerQuestions(relay: Relay): Promise<void> {
  const left = new Map(ANSWERS)
  for await (const _ of events(relay, '0')) {
    for (const { id, blocks, question, status } of await readInbox(relay)) {
      if (question?.answer.state !== 'open' || status !== 'delivered') continue
      const text = JSON.stringify(blocks)
      const [words, answer] = [...left].find(([one]) => text.includes(one)) ?? []
      if (words === undefined) continue
      left.delete(words)
      await fetch(new URL(`api/v1/posts/${id}/replies`, relay.url), {
        method: 'POST',
        headers: { ...authorized(relay.token), 'content-type': 'application/json' },
        body: JSON.stringify({ text: answer }),
      })
    }
    if (left.size === 0) return
  }
}

let home: TestHome
/** Ends with the last answer, or with the relay. */
let answering: Promise<void>
const executed = new Map<string, z.infer<typeof Executed>>()
let arrived: ReadPost[]

beforeAll(async () => {
  home = await testHome()
  const relay = await home.relay()
  answering = answerQuestions(relay)
  const { code, stdout, stderr } = await finish(
    inVenv(startVenv.folder, 'python'),
    ['-c', PROGRAM, ...EXAMPLES.map((name) => join(home.notebooks, name))],
    { env: home.env, cwd: home.notebooks },
  )
  if (code !== 0) throw new Error(stderr)
  for (const line of stdout.trim().split('\n')) {
    const notebook = Executed.parse(JSON.parse(line))
    executed.set(notebook.name, notebook)
  }
  arrived = await readInbox(relay)
}, LIMIT)

afterAll(async () => {
  await home[Symbol.asyncDispose]()
  await Promise.allSettled([answering])
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
