// What `post()` in a notebook asks the kernel process, and the answers. A refusal is sent as a
// value, because an error would lose its code on the way.
import { z } from 'zod'
import { PostError } from '../contract/error.ts'
import type { ProgressState } from './progress-state.ts'
import { Ask } from '../contract/question.ts'
import { PostChange, PostManifest } from '../contract/schema.ts'

const Bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array)
const Files = z.array(z.object({ name: z.string(), bytes: Bytes }))
const address = { url: z.string().optional(), token: z.string().optional() }

const State: z.ZodType<ProgressState> = z.object({
  title: z.string(),
  total: z.number().positive().optional(),
  count: z.number(),
  startedAt: z.number(),
  line: z.string(),
  status: z.enum(['running', 'done', 'ended', 'failed', 'interrupted', 'stopped']),
  error: z.object({ name: z.string(), message: z.string() }).optional(),
})

export const PostRequest = z.discriminatedUnion('action', [
  /**
   * Keeps the cell from ending while a post is made; answered when `release` with the same key
   * comes.
   */
  z.object({ action: z.literal('hold'), key: z.string() }),
  z.object({ action: z.literal('release'), key: z.string() }),
  z.object({
    action: z.literal('submit'),
    ...address,
    post: PostManifest.extend({
      files: Files,
    }),
  }),
  /** Answered when the person answers; `withdraw` with the same key takes the question back. */
  z.object({
    action: z.literal('ask'),
    ...address,
    key: z.string(),
    post: PostManifest.extend({ files: Files, ask: Ask }),
  }),
  z.object({ action: z.literal('withdraw'), key: z.string() }),
  z.object({ action: z.literal('status'), ...address, id: z.string() }),
  z.object({
    action: z.literal('change'),
    ...address,
    id: z.string(),
    content: PostChange.extend({ files: Files }),
  }),
  /** A state of `post.progress()`. Answered at once, but the last state when it is stored. */
  z.object({
    action: z.literal('progress'),
    ...address,
    key: z.string(),
    targets: z.array(z.string()),
    thread: z.string(),
    ids: z.array(z.string()),
    state: State,
  }),
  z.object({ action: z.literal('remove'), ...address, id: z.string() }),
])
export type PostRequest = z.infer<typeof PostRequest>

/**
 * `value` is a Receipt for `submit`, the answer for `ask`, a StoredPost for `status` and `change`,
 * otherwise nothing.
 */
export type PostAnswer<Value = unknown> =
  { ok: true; value: Value } | { ok: false; code: string; message: string; nearest: string[] }

export async function answerOf(work: Promise<unknown>): Promise<PostAnswer> {
  try {
    return { ok: true, value: await work }
  } catch (error) {
    if (!(error instanceof PostError)) throw error
    return { ok: false, code: error.code, message: error.message, nearest: [...error.nearest] }
  }
}
