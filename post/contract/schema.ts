// The contract of a post: what a client sends to the relay and what it gets back. Both sides parse
// it. Nothing in here knows a kernel, a relay or a chat service.
import { z } from 'zod'
import limits from './limits.json' with { type: 'json' }
import { Ask, ShownQuestion } from './question.ts'

export { SHOWN_IMAGES } from './shown-images.ts'

/** The limits of a relay that does not tell others at `GET api/v1/limits` (docs/spec.md 2.5). */
export const DEFAULT_LIMITS: Limits = limits.post

export const Limits = z.object({
  /** Files in one post. */
  files: z.int().nonnegative(),
  /** Bytes of one file. */
  fileBytes: z.int().nonnegative(),
  /** Bytes of a whole post, manifest and files together. */
  postBytes: z.int().nonnegative(),
  /** UTF-8 bytes of all text in the blocks. */
  textBytes: z.int().nonnegative(),
  /**
   * True if the relay reads HTML when a post comes, so that markup does not count as text. A relay
   * of version 0.1.0 leaves it out.
   */
  html: z.boolean().optional(),
})
export type Limits = z.infer<typeof Limits>

/** A quota of one person: how much of it is left until a window of time is over. */
const Left = z.object({
  limit: z.int(),
  left: z.int(),
  /** Seconds until all of it is there again; 0 if nothing was used. */
  seconds: z.int(),
  /** Set if all people of this Hub group have it together. */
  group: z.string().optional(),
})

/** By the names that an admin gives the quotas. */
export const QuotaLeft = z.record(z.string(), Left)
export type QuotaLeft = z.infer<typeof QuotaLeft>

/** The answer to `GET api/v1/limits`. Limits are the same for everybody, quotas are a person's. */
export const LimitsAnswer = Limits.extend({ quota: QuotaLeft.optional() })

/** Limits of the manifest; lengths of text are in UTF-16 units. */
const { manifest } = limits

/**
 * Definitions of TeX (`\def\R{\mathbb{R}}`) that the formulas of a block need and an earlier
 * output of the notebook made. An older relay leaves them out.
 */
const macros = z.string().optional()

/** One piece of a post, in the order shown. Each chat adapter prints it in its own dialect. */
export const Block = z.discriminatedUnion('type', [
  /** What the person typed: markdown that may mention people. */
  z.object({ type: z.literal('message'), text: z.string() }),
  /** Markdown that a cell displayed: it mentions nobody, and remote images become links. */
  z.object({ type: z.literal('markdown'), text: z.string(), macros }),
  /** Plain text, shown as a code block. `stream` tells where it came from. */
  z.object({
    type: z.literal('text'),
    text: z.string(),
    stream: z.enum(['stdout', 'stderr', 'result']).optional(),
  }),
  /** Source code, shown as a code block of that language. */
  z.object({ type: z.literal('code'), text: z.string(), language: z.string().max(32) }),
  /** TeX, with or without its `$$`; text around its formulas is text. */
  z.object({ type: z.literal('latex'), text: z.string(), macros }),
  /**
   * A picture, by its index in the files: a bitmap, an SVG, or a Vega or Vega-Lite specification
   * with its `$schema`. The relay draws the latter two. `alt` is the output's text/plain, shown if
   * the picture cannot be.
   */
  z.object({ type: z.literal('image'), file: z.int().nonnegative(), alt: z.string().optional() }),
  /** Any other file, by its index. */
  z.object({ type: z.literal('file'), file: z.int().nonnegative() }),
  /** `align` has a word for each column; without it, columns of numbers are aligned right. */
  z.object({
    type: z.literal('table'),
    columns: z.array(z.string()),
    rows: z.array(z.array(z.string())),
    align: z.array(z.enum(['left', 'center', 'right'])).optional(),
  }),
  /**
   * HTML that a cell displayed, with the text/plain of the same output. Before the relay stores the
   * post, it makes tables, markdown and pictures of the HTML.
   */
  z.object({ type: z.literal('html'), html: z.string(), text: z.string() }),
  /** A thrown error. `traceback` has the frames in the cell, without terminal colours. */
  z.object({
    type: z.literal('error'),
    name: z.string(),
    message: z.string(),
    traceback: z.string(),
  }),
  /** What the post says about itself: "No output", or what was left out. */
  z.object({ type: z.literal('notice'), text: z.string() }),
  /**
   * How to answer a question. The relay adds this block and removes it when the question is over.
   * `until`: ISO 8601.
   */
  z.object({
    type: z.literal('choices'),
    choices: z.array(z.string()),
    until: z.string(),
    otherwise: z.string().optional(),
  }),
])
export type Block = z.infer<typeof Block>

/** Where the post comes from. The relay makes the first line of it, after the poster's name. */
export const Source = z.object({
  /** File name of the notebook, without its folders. */
  notebook: z.string().max(manifest.notebook).optional(),
  /** `execution_count` of the captured cell. */
  executionCount: z.int().nonnegative().optional(),
  durationMs: z.number().nonnegative().optional(),
  status: z.enum(['ok', 'failed', 'interrupted']).optional(),
})
export type Source = z.infer<typeof Source>

/** The manifest of `POST api/v1/posts`; files follow as parts named `files`, in order. */
export const PostManifest = z.object({
  /** As typed: `@me`, `@name`, `name`, `~name`, `#name`, `service:target`. */
  targets: z.array(z.string().min(1).max(200)).min(1).max(20),
  blocks: z.array(Block).min(1),
  /** Posts with the same key form one thread. */
  thread: z.string().min(1).max(manifest.thread).optional(),
  source: Source.optional(),
  /**
   * Asks that secrets stay as they are (`--no-mask`). The relay's policy decides: it may mask
   * anyway.
   */
  mask: z.literal('off').optional(),
  /** Makes the post a question. */
  ask: Ask.optional(),
})
export type PostManifest = z.infer<typeof PostManifest>

/** The manifest of `PATCH api/v1/posts/ID`: the whole new content. Files follow as in a post. */
export const PostChange = z.object({
  blocks: z.array(Block).min(1),
  /** If left out, it stays as it was. */
  source: Source.optional(),
  /** As in a post. */
  mask: z.literal('off').optional(),
})
export type PostChange = z.infer<typeof PostChange>

/** A file whose type is not known yet. */
export interface UntypedFile {
  name: string
  bytes: Uint8Array
}

export interface PostFile extends UntypedFile {
  /** As the client found it in the bytes; the relay looks again. */
  mimetype: string
}

export interface Post extends PostManifest {
  files: PostFile[]
}

/** What a post shows after a change. */
export interface PostContent extends PostChange {
  files: PostFile[]
}

/** `queued` and `retrying` are in the outbox; the other three are final. */
export const PostStatus = z.enum(['queued', 'retrying', 'delivered', 'unknown', 'dead'])
export type PostStatus = z.infer<typeof PostStatus>

/** The state of a post at one target. */
export const StoredPost = z.object({
  id: z.string(),
  /** As typed. */
  target: z.string(),
  /** What the target was resolved to, for people: `~lab (Mattermost)`, `your inbox`. */
  destination: z.string(),
  status: PostStatus,
  /** Permalink, once the chat has it. */
  url: z.string().optional(),
  error: z.string().optional(),
  /** Messages for the sender: a channel was created, a target is not resolved yet. */
  notices: z.array(z.string()),
})
export type StoredPost = z.infer<typeof StoredPost>

/**
 * The answer to `POST api/v1/posts`: 202, after the commit. One entry for each target, in the same
 * order.
 */
export const Accepted = z.object({ posts: z.array(StoredPost).min(1) })
export type Accepted = z.infer<typeof Accepted>

/** A problem document (RFC 9457). `code` never changes, see `docs/posting.md`. */
export const Problem = z.object({
  type: z.string().optional(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  /** For `unknown_target`: the most similar names among those that the person may post to. */
  nearest: z.array(z.string()).optional(),
})
export type Problem = z.infer<typeof Problem>

/**
 * A post as `GET api/v1/posts` and the event stream show it: to its sender, and to readers of the
 * inbox.
 */
export const ReadPost = StoredPost.extend({
  /** Name of the person who sent it. */
  from: z.string(),
  /** The chat service it goes to: `inbox`, `mattermost`. */
  service: z.string(),
  blocks: z.array(Block),
  source: Source,
  thread: z.string().optional(),
  /** In the order of the indexes in the blocks. The bytes are at `api/v1/posts/ID/files/INDEX`. */
  files: z.array(z.object({ name: z.string(), mimetype: z.string(), size: z.int() })),
  /** ISO 8601. */
  acceptedAt: z.string(),
  /** The relay has deleted its text and files: its service has them. `blocks` says so. */
  pruned: z.literal(true).optional(),
  question: ShownQuestion.optional(),
  /** What readers of the inbox answered, oldest first. */
  replies: z.array(z.object({ from: z.string(), text: z.string(), at: z.string() })).optional(),
  /** A running cell listens to `stop` and `status` in the thread of this post. */
  watched: z.literal(true).optional(),
})
export type ReadPost = z.infer<typeof ReadPost>

/**
 * The answer to `GET api/v1/posts?since=CURSOR&limit=N`, oldest post first. Without `since` the
 * newest N posts, with it those that changed after the cursor. `GET api/v1/events` goes on from a
 * cursor given as `Last-Event-ID` (or `?since=`). Its events are `post` with a `ReadPost` and
 * `gone` with `{"id"}`; the id of each event is the next cursor.
 */
export const Feed = z.object({
  posts: z.array(ReadPost),
  cursor: z.string(),
  /** Missing if there are no older posts, and in answers to `since`. */
  before: z.string().optional(),
})
export type Feed = z.infer<typeof Feed>
