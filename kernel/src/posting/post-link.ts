// `%post --link NAME` asks for a code at the chat account of that name. `%post --link CODE` proves
// with it that the account is the person's.
import { PostError } from '../../../post/contract/error.ts'
import { mistake } from '../../../post/contract/flags.ts'
import { linkRequest } from '../../../post/contract/identity.ts'
import type { LinkRequest } from '../../../post/contract/identity.ts'
import type { Parsed } from '../../../post/arguments/parser.ts'
import type { LineMagicContext } from '../magics/magic.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'
import type { PostServices } from './post-services.ts'

const USAGE = 'Usage: %post --link NAME, then %post --link CODE'

/** @throws {UsageError} or {PostError} */
export async function postLink(
  { poster }: Pick<PostServices, 'poster'>,
  parsed: Parsed,
  context: Pick<LineMagicContext, 'signal' | 'notice'>,
): Promise<void> {
  const { message } = await poster.link(requestOf(parsed), context.signal)
  context.notice(message)
}

function requestOf({ flags, words }: Parsed): LinkRequest {
  const [word = ''] = flags.get('link') ?? []
  const other = [...flags.keys()].find((flag) => flag !== 'link')
  const more = words[0] ?? (other === undefined ? undefined : `--${other}`)
  if (more !== undefined)
    throw new UsageError(`${mistake('linkAlone', { given: JSON.stringify(more) })}\n${USAGE}`)
  try {
    return linkRequest(word)
  } catch (error) {
    if (!(error instanceof PostError)) throw error
    throw new UsageError(`${error.message}\n${USAGE}`, { cause: error })
  }
}
