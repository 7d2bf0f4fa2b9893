// `%%post --live`: one post at the start of the cell, edited as outputs come, with the final state
// at the end. Output up to a minute after the reply is added.
import { messageOf } from '../../../post/contract/error.ts'
import { LivePost } from '../../../post/relay/live-post.ts'
import { firstLine } from '../../../post/contract/first-line.ts'
import type { PostContent } from '../../../post/contract/schema.ts'
import { receiptText } from '../../../post/relay/receipt.ts'
import type { Outcome } from '../runtime/runtime.ts'
import type { Parsed } from '../../../post/arguments/parser.ts'
import type { CellMagicContext } from '../magics/magic.ts'
import { filledTitle, headBlocks } from './cell-head.ts'
import { stateBlocks } from './live-state.ts'
import { optionsOf, readAttached, withAttached } from './post-parts.ts'
import type { Attached } from './post-parts.ts'
import type { PostServices } from './post-services.ts'
import { sourceOf } from './source.ts'

/** How long after its reply a cell's late output is added, in ms. */
const LATE_MS = 60_000

/** @throws {UsageError} or {PostError} before anything ran. */
export async function postLive(
  services: PostServices,
  targets: string[],
  parsed: Parsed,
  context: CellMagicContext,
): Promise<Outcome> {
  const limits = await services.poster.limits(context.signal)
  const title = parsed.words[1]
  // `${}` can only be filled in after the cell has run.
  let filled = title?.includes('${') === true ? undefined : title
  const options = optionsOf(parsed)
  const stateOf = (): PostContent => {
    const { blocks, files } = stateBlocks(context.outputs, parsed.flags.has('stderr'), limits)
    const source = sourceOf(services, context.outputs)
    return {
      blocks: [...headBlocks(filled, parsed, context.body), ...blocks],
      files,
      source,
      ...options.mask,
    }
  }
  const first = { targets, ...stateOf(), ...options.thread }
  const { live, receipt } = await LivePost.start(services.poster, first)
  services.accepted(receipt)
  services.watches.tell(context.cellId, live.shownAt)
  if (!parsed.flags.has('quiet') || receipt.kind === 'spooled') {
    const { text, markdown } = receiptText(receipt)
    context.notice(text, markdown)
  }
  let attached: Attached = { files: [], failures: [] }
  const finalState = (): PostContent => withAttached(stateOf(), attached)
  const stopListening = context.onOutput(() => live.show(finalState))
  // While the cell runs, its end writes the last state. Late output is written when the kernel
  // ends.
  const forget = services.open.add(() => live.flush())

  const outcome = await context.run(context.body)
  try {
    const { text, unfilled } = await filledTitle(title, context)
    filled = text
    attached = await readAttached(services, parsed)
    await live.finish(finalState)
    if (unfilled) throw unfilled.error
    if (attached.failures[0]) throw attached.failures[0]
  } catch (error) {
    // The reply has the cell's own error; a line says that its post failed too.
    if (outcome.status === 'ok') throw error
    context.notice(firstLine('notPosted', { reason: messageOf(error) }))
  } finally {
    late(() => {
      stopListening()
      forget()
    })
  }
  return outcome
}

/** The timer does not keep the kernel alive; a kernel that ends writes what is open. */
function late(end: () => void): void {
  setTimeout(end, LATE_MS).unref()
}
