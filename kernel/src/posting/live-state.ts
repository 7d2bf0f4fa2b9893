// What the post of a live cell shows of its outputs: while it runs the last lines, then all.
import document from '../../../post/contract/limits.json' with { type: 'json' }
import { noticeText } from '../../../post/contract/notices.ts'
import type { Block, Limits } from '../../../post/contract/schema.ts'
import { lastUnits } from '../../../post/contract/units.ts'
import { captureCell } from '../capture/blocks.ts'
import type { CapturedOutput, CellOutputs } from '../capture/outputs.ts'

/** A running cell shows only its last lines: nobody sees progress in a post of many messages. */
const {
  runningLines: RUNNING_LINES,
  runningCharacters: RUNNING_CHARACTERS,
  runningOthers: RUNNING_OTHERS,
} = document.live

/** @param stderr - Whether stderr is shown even if the cell did not fail. */
export function stateBlocks(cell: CellOutputs, stderr: boolean, limits: Limits) {
  if (cell.status !== 'running') return captureCell(cell, { stderr, limits })
  const { blocks, files } = captureCell(runningCell(cell), { stderr, limits, unfinished: true })
  const notice: Block = { type: 'notice', text: noticeText('running') }
  return { blocks: [...lastBlocks(blocks), notice], files }
}

/** A picture with a display id may change at every step, so it is shown only at the end. */
function runningCell(cell: CellOutputs): CellOutputs {
  const outputs = cell.outputs.map((output): CapturedOutput => {
    const isPicture =
      'data' in output && Object.keys(output.data).some((mimetype) => mimetype.startsWith('image/'))
    if (!('displayId' in output) || !isPicture) return output
    return { ...output, data: { 'text/plain': noticeText('changes') } }
  })
  const { cellId, executionCount, source, notebook, startedAt, endedAt, status, leftOut } = cell
  return { cellId, executionCount, source, notebook, startedAt, endedAt, status, leftOut, outputs }
}

/** The last lines of all texts together, and the last few other blocks; all with files. */
function lastBlocks(blocks: readonly Block[]): Block[] {
  const left = { lines: RUNNING_LINES, characters: RUNNING_CHARACTERS, others: RUNNING_OTHERS }
  let isCut = false
  const last = blocks.toReversed().flatMap((block): Block[] => {
    if ('file' in block) return [block]
    if (block.type !== 'text') return left.others-- > 0 ? [block] : []
    if (isCut || left.lines <= 0 || left.characters <= 0) {
      isCut = true
      return []
    }
    const lines = block.text.split('\n').slice(-left.lines)
    const tail = lastUnits(lines.join('\n'), left.characters)
    left.lines -= lines.length
    left.characters -= tail.length
    isCut = tail.length < block.text.length
    return [isCut ? { ...block, text: `…\n${tail}` } : block]
  })
  return last.toReversed()
}
