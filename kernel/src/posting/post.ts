// The row of `%post` and `%%post`: usage and flags (docs/spec.md 1). What each does is `post-line.ts` and `post-cell.ts`.
import { completePost } from './complete-post.ts'
import type { Magic } from '../magics/magic.ts'
import { CELL_FLAGS, LINE_FLAGS } from './post-flags.ts'
import type { PostServices } from './post-services.ts'
import { posting } from './posting.ts'

export function postMagic(services: PostServices): Magic {
  return {
    name: 'post',
    summary: 'Posts a message, or what a cell showed, to a channel or a person.',
    line: {
      usage: '%post [flags] TARGET [MESSAGE]',
      flags: LINE_FLAGS,
      words: 1,
      run: async (parsed, context) => (await posting()).postLine(services, parsed, context),
    },
    cell: {
      usage: '%%post [flags] TARGET [TITLE]',
      flags: CELL_FLAGS,
      words: 1,
      run: async (parsed, context) => (await posting()).postCell(services, parsed, context),
    },
    complete: (text, kind) =>
      completePost(text, kind === 'line' ? LINE_FLAGS : CELL_FLAGS, kind, services),
  }
}
