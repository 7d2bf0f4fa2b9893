// The row of `%post` and `%%post`: usage and flags (post-spec). What each does is `post-line.ts` and `post-cell.ts`.
import type { Flag, Magic } from './magic.ts'
import { postCell } from './post-cell.ts'
import { postLine } from './post-line.ts'
import type { PostServices } from './post-services.ts'

const ATTACH: Flag = {
  name: '--attach',
  value: 'FILE',
  repeatable: true,
  description: 'attach a file; may be given several times',
}
const THREAD: Flag = {
  name: '--thread',
  value: 'KEY',
  description: 'posts of one key form one thread',
}
const QUIET: Flag = { name: '--quiet', description: 'show nothing in the notebook' }
const PREVIEW: Flag = { name: '--preview', description: 'show what would be posted, send nothing' }
const STDERR: Flag = {
  name: '--stderr',
  description: 'post stderr too, also of a cell that did not fail',
}
const NO_MASK: Flag = {
  name: '--no-mask',
  description: 'leave secrets as they are, if the relay lets you',
}
const INPUT: Flag = { name: '--input', short: '-i', description: "post the cell's source first" }
const RAW: Flag = {
  name: '--raw',
  short: '-r',
  description: 'post the body as markdown, run nothing',
}
const ON: Flag = {
  name: '--on',
  value: 'done|error|always',
  description: 'post only if the cell ended so',
}
const SLOW: Flag = {
  name: '--slow',
  value: 'TIME',
  description: 'post only if it took longer: 30s, 5m, 2h',
}

export function postMagic(services: PostServices): Magic {
  return {
    name: 'post',
    summary: 'Posts a message, or what a cell showed, to a channel or a person.',
    line: {
      usage: '%post [flags] TARGET [MESSAGE]',
      flags: [ATTACH, THREAD, QUIET, PREVIEW, STDERR, NO_MASK],
      words: 1,
      run: (parsed, context) => postLine(services, parsed, context),
    },
    cell: {
      usage: '%%post [flags] TARGET [TITLE]',
      flags: [RAW, INPUT, ON, SLOW, ATTACH, THREAD, QUIET, PREVIEW, STDERR, NO_MASK],
      words: 1,
      run: (parsed, context) => postCell(services, parsed, context),
    },
    complete(text) {
      const flag = /(?:^|\s)(--?\w*)$/.exec(text)?.[1]
      if (flag !== undefined) {
        const names = [
          ...new Set([ATTACH, THREAD, QUIET, PREVIEW, STDERR, NO_MASK].map(({ name }) => name)),
        ]
        return Promise.resolve(names.filter((name) => name.startsWith(flag)))
      }
      // The last word typed, if it can be TARGET: nothing but flags before it.
      const target = /^\s*(?:--\w+\s+)*([^\s-]\S*)?$/.exec(text)
      return target === null ? Promise.resolve([]) : services.poster.targets(target[1] ?? '')
    },
  }
}
