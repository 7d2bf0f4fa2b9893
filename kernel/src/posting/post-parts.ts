// What `%post` and `%%post` share: targets, attachments, and sending a post with a receipt.
import { resolve } from 'node:path'
import { diskFile, fileBlock } from '../../../post/api/file-types.ts'
import { mistake } from '../../../post/contract/flags.ts'
import { PostError } from '../../../post/contract/error.ts'
import { receiptText } from '../../../post/relay/receipt.ts'
import type { Receipt } from '../../../post/relay/receipt.ts'
import { DEFAULT_LIMITS } from '../../../post/contract/schema.ts'
import type { Block, Post, PostContent, PostFile, Source } from '../../../post/contract/schema.ts'
import { parseTargets } from '../../../post/contract/target.ts'
import { captureCell } from '../capture/blocks.ts'
import type { CellOutputs } from '../capture/outputs.ts'
import type { Parsed } from '../../../post/arguments/parser.ts'
import type { MagicContext } from '../magics/magic.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'
import { previewText } from './preview.ts'
import type { PostServices } from './post-services.ts'
import { sourceOf } from './source.ts'

/** @throws {UsageError} if there is no target or it is malformed. */
export function requiredTarget(parsed: Parsed): string[] {
  const target = parsed.words[0]
  if (target === undefined) {
    throw new UsageError(mistake('noTarget'))
  }
  try {
    return parseTargets(target)
  } catch (error) {
    if (error instanceof PostError) throw new UsageError(error.message, { cause: error })
    throw error
  }
}

/** The files of `--attach` that could be read. */
export interface Attached {
  files: PostFile[]
  /** Why the others could not be read. */
  failures: Error[]
}

export async function readAttached({ folder }: PostServices, { flags }: Parsed): Promise<Attached> {
  const names = flags.get('attach') ?? []
  const read = await Promise.allSettled(names.map((name) => diskFile(resolve(folder, name))))
  const attached: Attached = { files: [], failures: [] }
  for (const one of read) {
    if (one.status === 'fulfilled') attached.files.push(one.value)
    else if (one.reason instanceof PostError) attached.failures.push(one.reason)
    else throw one.reason
  }
  return attached
}

/** Adds these files after its own, and notices about those that could not be read. */
export function withAttached<Content extends PostContent>(
  content: Content,
  { files, failures }: Attached,
): Content {
  const first = content.files.length
  const blocks = [
    ...content.blocks,
    ...files.map((file, n) => fileBlock(file, first + n)),
    ...failures.map(({ message }): Block => ({ type: 'notice', text: message })),
  ]
  return { ...content, blocks, files: [...content.files, ...files] }
}

/** @throws {PostError} `bad_attachment` if a file cannot be read. */
export async function attachFiles(
  services: PostServices,
  parsed: Parsed,
  post: Post,
): Promise<Post> {
  const attached = await readAttached(services, parsed)
  if (attached.failures[0]) throw attached.failures[0]
  return withAttached(post, attached)
}

/** The post of a captured cell, without what its magic adds. */
export async function capturedPost(
  services: PostServices,
  targets: string[],
  parsed: Parsed,
  context: MagicContext,
): Promise<Post & { source: Source }> {
  const captured = await capturedOutputs(services, parsed, context.outputs, context.signal)
  return { targets, ...captured, source: sourceOf(services, context.outputs) }
}

/**
 * What a cell showed, within the relay's limits. A preview uses the default limits and asks no
 * relay.
 */
export async function capturedOutputs(
  { poster }: PostServices,
  { flags }: Parsed,
  cell: CellOutputs,
  signal: AbortSignal,
): Promise<Pick<Post, 'blocks' | 'files'>> {
  const limits = flags.has('preview') ? DEFAULT_LIMITS : await poster.limits(signal)
  return captureCell(cell, { stderr: flags.has('stderr'), limits })
}

/** `--thread` and `--no-mask`, as parts of a post. */
export function optionsOf(parsed: Parsed): {
  thread: Pick<Post, 'thread'>
  mask: Pick<Post, 'mask'>
} {
  const thread = parsed.flags.get('thread')?.at(-1)
  return {
    thread: thread === undefined ? {} : { thread },
    mask: parsed.flags.has('no-mask') ? { mask: 'off' } : {},
  }
}

/**
 * An interrupt ends the cell at once, so the error does not reach it: a line below it tells what
 * became of the post.
 */
async function submitted(
  { poster }: PostServices,
  post: Post,
  context: MagicContext,
): Promise<Receipt> {
  try {
    return await poster.post(post, context.signal)
  } catch (error) {
    if (error instanceof PostError && error.code === 'interrupted') context.notice(error.message)
    throw error
  }
}

/** How a magic sends a post. */
export interface Sending {
  parsed: Parsed
  context: MagicContext
  /** Which output the post shows, in words for the receipt. */
  captured?: string
}

/** Sends the post, or only shows it for `--preview`. Shows the receipt unless `--quiet`. */
export async function send(
  services: PostServices,
  post: Post,
  { parsed, context, captured }: Sending,
): Promise<void> {
  const options = optionsOf(parsed)
  const complete: Post = { ...post, ...options.thread, ...options.mask }
  if (parsed.flags.has('preview')) {
    const masked = await services.poster.masked(complete)
    const preview = previewText(masked.post)
    context.notice(
      [preview.text, ...masked.notices].join('\n\n'),
      [preview.markdown, ...masked.notices].join('\n\n'),
    )
    return
  }
  if (complete.thread !== undefined) services.threads.add(complete.thread)
  const receipt = await submitted(services, complete, context)
  services.accepted(receipt)
  // Even with `--quiet` a warning is shown, because the post did not arrive.
  if (parsed.flags.has('quiet') && receipt.kind === 'accepted') return
  const { text, markdown } = receiptText(receipt, captured)
  context.notice(text, markdown)
}
