// `%%post TARGET TITLE` runs the cell as it would run without the magic, then posts what it showed.
// With `--raw` the body is the message and nothing runs. The reply always has the cell's own
// outcome.
import { noticeText } from '../../../post/contract/notices.ts'
import { mistake } from '../../../post/contract/flags.ts'
import type { Outcome } from '../runtime/runtime.ts'
import type { Parsed } from '../../../post/arguments/parser.ts'
import type { CellMagicContext } from '../magics/magic.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'
import { filledTitle, headBlocks } from './cell-head.ts'
import { conditionOf, refuseContradictions } from './condition.ts'
import { postLive } from './post-live.ts'
import {
  attachFiles,
  capturedPost,
  readAttached,
  requiredTarget,
  send,
  withAttached,
} from './post-parts.ts'
import type { PostMagicServices, PostServices } from './post-services.ts'
import { placeOf } from './source.ts'

/**
 * @throws {UsageError} before anything ran, or, if the cell succeeded, {PostError} if its post is
 *   refused and what an expression in TITLE throws, once the cell is posted.
 */
export async function postCell(
  services: PostMagicServices,
  parsed: Parsed,
  context: CellMagicContext,
): Promise<Outcome> {
  const targets = requiredTarget(parsed)
  refuseContradictions(parsed)
  const title = parsed.words[1]
  if (parsed.flags.has('raw')) return postRaw(services, targets, parsed, context)
  if (parsed.flags.has('live') && !parsed.flags.has('preview')) {
    return postLive(services, targets, parsed, context)
  }
  const condition = conditionOf(parsed)
  const outcome = await context.run(context.body)
  if (
    outcome.status === 'error' &&
    outcome.interrupted &&
    !condition.interrupted &&
    !services.autopost.isOn
  ) {
    if (!parsed.flags.has('quiet')) {
      const command = `%post ${targets.join(',')}`
      context.notice(
        noticeText('interrupted', { command }),
        noticeText('interrupted', { command: `\`${command}\`` }),
      )
    }
    return outcome
  }
  const elapsed = (context.outputs.endedAt ?? Date.now()) - context.outputs.startedAt
  if (!condition.matches(outcome, elapsed)) return outcome
  // The cell's signal is not used: the interrupt that ended the cell must not stop its post.
  const isInterrupted = outcome.status === 'error' && outcome.interrupted
  const ended = isInterrupted ? { ...context, signal: new AbortController().signal } : context
  try {
    const captured = await capturedPost(services, targets, parsed, ended)
    const { text, unfilled } = await filledTitle(title, context)
    const attached = await readAttached(services, parsed)
    if (outcome.status === 'ok' && attached.failures[0]) throw attached.failures[0]
    const blocks = [...headBlocks(text, parsed, context.body), ...captured.blocks]
    await send(services, withAttached({ ...captured, blocks }, attached), {
      parsed,
      context: ended,
    })
    if (outcome.status === 'ok' && unfilled) throw unfilled.error
  } catch (error) {
    // The reply has the cell's own error; a line says that its post failed too.
    if (outcome.status === 'ok' || !Error.isError(error)) throw error
    context.notice(noticeText('notPosted', { reason: error.message }))
  }
  return outcome
}

async function postRaw(
  services: PostServices,
  targets: string[],
  parsed: Parsed,
  context: CellMagicContext,
): Promise<Outcome> {
  const text = [parsed.words[1], context.body.trimEnd()].filter(Boolean).join('\n\n')
  if (text.trim() === '') throw new UsageError(mistake('rawEmpty'))
  const source = placeOf(services, context.outputs)
  const post = { targets, blocks: [{ type: 'message' as const, text }], files: [], source }
  await send(services, await attachFiles(services, parsed, post), { parsed, context })
  return { status: 'ok' }
}
