// What comes before the outputs of a posted cell: TITLE, and with `--input` its source.
import type { Parsed } from '../../../post/arguments/parser.ts'
import type { Block } from '../../../post/contract/schema.ts'
import type { CellMagicContext } from '../magics/magic.ts'

/** @param title - With its `${}` filled in; undefined if there is none. */
export function headBlocks(title: string | undefined, parsed: Parsed, body: string): Block[] {
  const blocks: Block[] = title === undefined ? [] : [{ type: 'message', text: title }]
  if (parsed.flags.has('input'))
    blocks.push({ type: 'code', text: body.trimEnd(), language: 'typescript' })
  return blocks
}

export interface FilledTitle {
  text: string | undefined
  /** Why the title is as typed. */
  unfilled?: { error: unknown }
}

/**
 * If a variable in TITLE does not exist, TITLE is used as typed: the outputs of a long cell are
 * worth more than its title.
 */
export async function filledTitle(
  title: string | undefined,
  { interpolate }: Pick<CellMagicContext, 'interpolate'>,
): Promise<FilledTitle> {
  if (title === undefined) return { text: undefined }
  try {
    return { text: await interpolate(title) }
  } catch (error) {
    return { text: title, unfilled: { error } }
  }
}
