// What tests do with questions over HTTP: ask, answer in the inbox, and wait for the outcome.
import { Answer } from '../../../post/contract/question.ts'
import type { Ask } from '../../../post/contract/question.ts'
import { Accepted, ReadPost } from '../../../post/contract/schema.ts'
import { authorized, send } from './relay.ts'

export interface At {
  url: string
  token: string
}

export const question = (ask: Partial<Ask> = {}, target = '@me') => ({
  targets: [target],
  blocks: [{ type: 'message', text: 'Continue?' }],
  ask: { choices: ['yes', 'no'], timeoutMs: 60_000, ...ask },
})

/** @returns the id of the post */
export async function asks(
  at: At,
  manifest: object = question(),
  options: { key?: string; files?: File[] } = {},
): Promise<string> {
  const answer = await send(at, manifest, options)
  if (answer.status !== 202) throw new Error(`${answer.status}: ${await answer.text()}`)
  return Accepted.parse(await answer.json()).posts[0]?.id ?? ''
}

export async function call(
  at: At,
  method: string,
  path: string,
  options: { body?: object; headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Response> {
  const { body, headers, signal } = options
  return fetch(new URL(`api/v1/posts/${path}`, at.url), {
    method,
    headers: {
      ...authorized(at.token),
      ...(body && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
  })
}

export async function answerOf(at: At, id: string, wait = 0): Promise<Answer> {
  return Answer.parse(await (await call(at, 'GET', `${id}/answer?wait=${wait}`)).json())
}

export async function says(at: At, id: string, text: string): Promise<Response> {
  return call(at, 'POST', `${id}/replies`, { body: { text } })
}

export async function readPost(at: At, id: string): Promise<ReadPost> {
  return ReadPost.parse(await (await call(at, 'GET', id)).json())
}
