// `post.ask()` of the Python package in a real ipykernel, with a real local relay and a person who
// answers in the inbox.
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { until } from '../helpers/until.ts'
import { findLocalRelay } from '../../post/relay/local-relay.ts'
import type { ReadPost } from '../../post/contract/schema.ts'
import { authorized } from '../../service/test/helpers/relay.ts'
import { PythonSite } from './helpers/kernel.ts'

// On a loaded machine a kernel takes seconds to start.
jest.setTimeout(120_000)

let site: PythonSite

beforeAll(async () => {
  site = await PythonSite.start('from jupyterpost import post, PostError')
}, 300_000)

afterAll(async () => {
  await site[Symbol.asyncDispose]()
})

/** The post of a question, once it is as wanted; the relay is asked again and again. */
async function question(words: string, state: string): Promise<ReadPost> {
  let posts: ReadPost[] = []
  const look = async () => {
    posts = await site.posts()
    return posts.find(
      (post) =>
        JSON.stringify(post.blocks).includes(words) &&
        post.question?.answer.state === state &&
        post.status === 'delivered',
    )
  }
  return until(look, `there is a question ${words} that is ${state}`, { saw: () => posts })
}

async function reply(words: string, said: string): Promise<void> {
  const { id } = await question(words, 'open')
  const relay = await findLocalRelay(site.env)
  if (relay === undefined) throw new Error('no relay runs')
  const answer = await fetch(new URL(`api/v1/posts/${id}/replies`, relay.url), {
    method: 'POST',
    headers: { ...authorized(relay.token ?? ''), 'content-type': 'application/json' },
    body: JSON.stringify({ text: said }),
  })
  expect(answer.status).toBe(201)
}

test('the answer is one of the choices, and the cell says until when it waits', async () => {
  const cell = site.run('post.ask("@me", "Continue?", ["yes", "no"], timeout="2h")')
  await reply('Continue?', '2')
  const { outputs } = await cell
  expect(JSON.stringify(outputs)).toMatch(/Posted to your inbox.*Waits for an answer until/)
  expect(outputs.at(-1)?.data?.['text/plain']).toBe("'no'")
  expect((await question('Continue?', 'answered')).source.notebook).toBe('train.ipynb')
})

test('nobody answers: otherwise, or an error without a frame of the package', async () => {
  const code = 'post.ask("@me", "Anybody?", timeout="1s", otherwise="nobody")'
  expect((await site.run(code)).outputs.at(-1)?.data?.['text/plain']).toBe("'nobody'")
  const { reply: failed, outputs } = await site.run('post.ask("@me", "Nobody?", timeout=1)')
  expect(failed.ename).toBe('PostError')
  expect(JSON.stringify(outputs)).not.toContain('asking.py')
})

test('an interrupt takes the question back', async () => {
  await site.run(
    [
      'from jupyterpost.posting.notebook import current_notebook',
      'notebook = current_notebook()',
      'warn = notebook.warn',
      'def told(receipt):',
      '    warn(receipt)',
      '    print("it is asked", flush=True)',
      'notebook.warn = told',
    ].join('\n'),
  )
  const { reply: ended } = await site.run('post.ask("@me", "Is anybody there?")', 'it is asked')
  expect(ended.ename).toBe('KeyboardInterrupt')
  await question('Is anybody there?', 'withdrawn')
})
