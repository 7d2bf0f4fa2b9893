// The table row of `%post` and `%%post` (docs/spec.md 1). `post-line.ts` and `post-cell.ts` run
// them.
import { flagsOf } from '../../../post/contract/flags.ts'
import { completePost } from './complete-post.ts'
import type { Magic } from '../magics/magic.ts'
import type { PostMagicServices } from './post-services.ts'
import { posting } from './posting.ts'

const LINE = flagsOf('%post')
const CELL = flagsOf('%%post')

export function postMagic(services: PostMagicServices): Magic {
  return {
    name: 'post',
    summary: LINE.summary,
    line: {
      usage: LINE.usage,
      flags: LINE.flags,
      words: 1,
      run: async (parsed, context) => (await posting()).postLine(services, parsed, context),
    },
    cell: {
      usage: CELL.usage,
      flags: CELL.flags,
      words: 1,
      run: async (parsed, context) => (await posting()).postCell(services, parsed, context),
    },
    complete: (text, kind) =>
      completePost(text, (kind === 'line' ? LINE : CELL).flags, kind, services),
  }
}
