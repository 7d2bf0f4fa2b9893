// `%autopost TARGET`: posts every cell from the next one on as `%%post` would, if it meets the
// given conditions; `%autopost off` ends it.
import { messageOf } from '../../../post/contract/error.ts'
import { noticeText } from '../../../post/contract/notices.ts'
import { flagsOf, mistake } from '../../../post/contract/flags.ts'
import { parseCellMagic } from '../cell/cell-magic.ts'
import { durationWords } from '../../../post/contract/duration.ts'
import type { CellOutputs } from '../capture/outputs.ts'
import type { Outcome } from '../runtime/runtime.ts'
import { completePost } from './complete-post.ts'
import { conditionOf } from './condition.ts'
import type { Condition } from './condition.ts'
import type { Parsed } from '../../../post/arguments/parser.ts'
import type { LineMagicContext, Magic, MagicContext } from '../magics/magic.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'
import type { PostServices } from './post-services.ts'
import { posting } from './posting.ts'

const { summary, usage, flags } = flagsOf('%autopost')

interface Wish {
  targets: string[]
  condition: Condition
  /** The cell with the magic, which is not posted. */
  cellId: string
}

/** A cell that ended. Its source tells whether it posts itself. */
export interface EndedCell extends MagicContext {
  /** True if a person ran it, false if a program did in the background. */
  kept: boolean
}

export class Autopost {
  readonly #services: PostServices
  #wish: Wish | undefined

  constructor(services: PostServices) {
    this.#services = services
  }

  get isOn(): boolean {
    return this.#wish !== undefined
  }

  /** @throws {UsageError} */
  async set(parsed: Parsed, context: LineMagicContext): Promise<void> {
    const [target, rest] = parsed.words
    if (rest !== undefined) {
      const words = mistake('noMessage', { given: JSON.stringify(rest) })
      throw new UsageError(`${words}\nUsage: ${usage}`)
    }
    if (target === 'off') {
      const line = noticeText(this.isOn ? 'autopostOff' : 'autopostWasOff')
      this.#wish = undefined
      context.notice(line)
      return
    }
    const { requiredTarget } = await posting()
    const targets = requiredTarget(parsed)
    const condition = conditionOf(parsed)
    this.#wish = { targets, condition, cellId: context.cellId }
    context.notice(
      noticeText('autopostOn', { targets: targets.join(', '), condition: condition.words }),
    )
  }

  /**
   * The targets that a cell may be posted to, as far as known before its end; undefined if none.
   */
  targetsOf({ cellId, source, kept }: Pick<EndedCell, 'cellId' | 'source' | 'kept'>) {
    const wish = this.#wish
    const isMeant = kept && source.trim() !== '' && wish?.cellId !== cellId
    return isMeant ? wish?.targets : undefined
  }

  /** Posts no cell from now on. */
  stop(): void {
    this.#wish = undefined
  }

  /**
   * Tells that the process of the cells died while no cell ran, because no cell's post does.
   *
   * @param last - The cell before.
   * @throws {PostError}
   */
  async runtimeLost(reason: string, last: CellOutputs | undefined): Promise<void> {
    const wish = this.#wish
    if (!wish?.condition.failures) return
    const { notebook, poster } = this.#services
    const ago = durationWords((Date.now() - (last?.endedAt ?? Date.now())) / 1000)
    const when = last ? `${ago} after cell ${last.executionCount} ended` : 'before the first cell'
    const text = `No cell was running: it happened ${when}. All variables are lost.`
    const receipt = await poster.post({
      targets: wish.targets,
      blocks: [
        { type: 'error', name: 'RuntimeLostError', message: reason, traceback: '' },
        { type: 'notice', text },
      ],
      files: [],
      source: { ...(notebook === undefined ? {} : { notebook }), status: 'failed' },
    })
    this.#services.accepted(receipt)
  }

  /**
   * Posts a cell that ended, if wanted. If the relay refuses the post, a line says so; it is not an
   * error of the cell.
   */
  async cellEnded(cell: EndedCell, outcome: Outcome): Promise<void> {
    const wish = this.#wish
    if (!wish || this.targetsOf(cell) === undefined) return
    const elapsed = (cell.outputs.endedAt ?? Date.now()) - cell.outputs.startedAt
    if (parseCellMagic(cell.source)?.name === 'post' || !wish.condition.matches(outcome, elapsed)) {
      return
    }
    try {
      const { capturedPost, send } = await posting()
      // The cell's signal is not used: the interrupt that ended the cell must not stop its post.
      const context = { ...cell, signal: new AbortController().signal }
      const parsed = { flags: new Map([['quiet', ['']]]), words: [] }
      const post = await capturedPost(this.#services, wish.targets, parsed, context)
      await send(this.#services, post, { parsed, context })
    } catch (error) {
      cell.notice(noticeText('notPosted', { reason: messageOf(error) }))
    }
  }
}

export function autopostMagic(autopost: Autopost, services: PostServices): Magic {
  return {
    name: 'autopost',
    summary,
    line: {
      usage,
      flags,
      words: 1,
      flagsAnywhere: true,
      run: (parsed, context) => autopost.set(parsed, context),
    },
    async complete(text) {
      const targets = await completePost(text, flags, 'cell', services)
      return /^\s*o?f?f?$/.test(text) ? ['off', ...targets] : targets
    },
  }
}
