// `%post TARGET MESSAGE` posts the message as typed. Without MESSAGE it posts what this cell showed
// so far; as the cell's first statement, what the last finished cell showed.
import { firstLine } from '../../../post/contract/first-line.ts'
import type { CellOutputs } from '../capture/outputs.ts'
import type { Parsed } from '../../../post/arguments/parser.ts'
import type { LineMagicContext } from '../magics/magic.ts'
import { postLink } from './post-link.ts'
import { attachFiles, capturedOutputs, requiredTarget, send } from './post-parts.ts'
import type { PostServices } from './post-services.ts'
import { sourceOf } from './source.ts'

/** @throws {UsageError} or {PostError}; then nothing was posted. */
export async function postLine(
  services: PostServices,
  parsed: Parsed,
  context: LineMagicContext,
): Promise<void> {
  if (parsed.flags.has('link')) {
    await postLink(services, parsed, context)
    return
  }
  const targets = requiredTarget(parsed)
  const message = parsed.words[1]
  const cell = context.first && context.previous !== undefined ? context.previous : context.outputs
  if (message !== undefined) {
    // A message does not show the cell's output, so the post has the cell's number and duration but
    // not its status.
    const { durationMs } = sourceOf(services, cell)
    const source = {
      ...sourceOf(services, context.outputs),
      ...(durationMs === undefined ? {} : { durationMs }),
    }
    const post = {
      targets,
      blocks: [{ type: 'message' as const, text: message }],
      files: [],
      source,
    }
    await send(services, await attachFiles(services, parsed, post), { parsed, context })
    return
  }
  const { blocks, files } = await capturedOutputs(services, parsed, cell, context.signal)
  const post = await attachFiles(services, parsed, {
    targets,
    blocks,
    files,
    source: sourceOf(services, cell),
  })
  await send(services, post, { parsed, context, captured: describe(cell, context) })
}

function describe(cell: CellOutputs, context: LineMagicContext): string {
  const name = cell.cellId === context.cellId ? 'outputSoFar' : 'outputOf'
  return firstLine(name, { number: cell.executionCount })
}
