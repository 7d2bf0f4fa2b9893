// `%%post TARGET TITLE` runs the cell as it would run without it, then posts what it showed; with `--raw` the body is the
// message and nothing runs. The cell's own outcome always stays the reply's.
import type { Block } from '../../../post/schema.ts'
import { captureCell } from '../capture/blocks.ts'
import type { Outcome } from '../runtime/runtime.ts'
import type { CellMagicContext, Parsed } from './magic.ts'
import { UsageError } from './magic.ts'
import { attachFiles, requiredTarget, send, sourceOf } from './post-parts.ts'
import type { PostServices } from './post-services.ts'

/** @throws {UsageError} before anything ran, or {PostError} if the cell is ok and its post is refused. */
export async function postCell(
  services: PostServices,
  parsed: Parsed,
  context: CellMagicContext,
): Promise<Outcome> {
  const targets = requiredTarget(parsed)
  const title = parsed.words[1]
  if (parsed.flags.has('raw')) return postRaw(services, targets, parsed, context)
  const condition = conditionOf(parsed)
  const outcome = await context.run(context.body)
  if (outcome.status === 'error' && outcome.interrupted && !condition.interrupted) {
    if (!parsed.flags.has('quiet')) {
      const line = `Interrupted, not posted. %post ${targets.join(',')} posts what the cell showed.`
      context.notice(
        line,
        `Interrupted, not posted. \`%post ${targets.join(',')}\` posts what the cell showed.`,
      )
    }
    return outcome
  }
  const elapsed = (context.outputs.endedAt ?? Date.now()) - context.outputs.startedAt
  if (!condition.matches(outcome, elapsed)) return outcome
  try {
    const captured = captureCell(context.outputs, {
      stderr: parsed.flags.has('stderr'),
      limits: await services.poster.limits(context.signal),
    })
    const blocks: Block[] = [
      ...(title === undefined
        ? []
        : [{ type: 'message' as const, text: await context.interpolate(title) }]),
      ...(parsed.flags.has('input')
        ? [{ type: 'code' as const, text: context.body.trimEnd(), language: 'typescript' }]
        : []),
      ...captured.blocks,
    ]
    const source = sourceOf(services, context.outputs)
    const post = { targets, blocks, files: captured.files, source }
    await send(services, await attachFiles(services, parsed, post), parsed, context)
  } catch (error) {
    // The cell's own error is the reply; that its post failed too is told beside it.
    if (outcome.status === 'ok' || !Error.isError(error)) throw error
    context.notice(`Not posted: ${error.message}`)
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
  if (text.trim() === '')
    throw new UsageError('The body of a raw post is its message, and this one is empty')
  const { notebook, executionCount } = sourceOf(services, context.outputs)
  const source = {
    ...(notebook === undefined ? {} : { notebook }),
    ...(executionCount === undefined ? {} : { executionCount }),
  }
  const post = { targets, blocks: [{ type: 'message' as const, text }], files: [], source }
  await send(services, await attachFiles(services, parsed, post), parsed, context)
  return { status: 'ok' }
}

interface Condition {
  /** An interrupted cell is posted only if that was asked for. */
  interrupted: boolean
  matches(outcome: Outcome, elapsed: number): boolean
}

function conditionOf(parsed: Parsed): Condition {
  const on = parsed.flags.get('on')?.at(-1)
  if (on !== undefined && !['done', 'error', 'always'].includes(on)) {
    throw new UsageError(`--on takes done, error or always, not ${JSON.stringify(on)}`)
  }
  const slow = parsed.flags.get('slow')?.at(-1)
  const least = slow === undefined ? 0 : milliseconds(slow)
  return {
    interrupted: on === 'always',
    matches: (outcome, elapsed) =>
      elapsed >= least &&
      (on === undefined || on === 'always' || (on === 'error') === (outcome.status === 'error')),
  }
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

function milliseconds(text: string): number {
  const [, amount, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? []
  const factor = UNITS[unit]
  if (amount === undefined || factor === undefined) {
    throw new UsageError(`--slow takes a time like 30s, 5m or 2h, not ${JSON.stringify(text)}`)
  }
  return Number(amount) * factor
}
