// The flags of the post magics (docs/spec.md 1), each once: which magic takes which is said in its row.
import type { Flag } from '../magics/magic.ts'

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
export const QUIET: Flag = { name: '--quiet', description: 'show nothing in the notebook' }
const PREVIEW: Flag = {
  name: '--preview',
  description: 'show what would be posted, send nothing',
}
const STDERR: Flag = {
  name: '--stderr',
  description: 'post stderr too, also of a cell that did not fail',
}
const NO_MASK: Flag = {
  name: '--no-mask',
  description: 'leave secrets as they are, if the relay lets you',
}
const LINK: Flag = {
  name: '--link',
  value: 'NAME',
  description: 'link your chat account: NAME first, then the code that its bot sends you',
}
const INPUT: Flag = {
  name: '--input',
  short: '-i',
  description: "post the cell's source first",
}
const RAW: Flag = {
  name: '--raw',
  short: '-r',
  description: 'post the body as markdown, run nothing',
}
export const ON: Flag = {
  name: '--on',
  value: 'done|error|always',
  description: 'post only if the cell ended so',
}
export const SLOW: Flag = {
  name: '--slow',
  value: 'TIME',
  description: 'post only if it took longer: 30s, 5m, 2h',
}
const LIVE: Flag = {
  name: '--live',
  description: 'post when the cell starts, and show in the post what it shows',
}

const COMMON: readonly Flag[] = [ATTACH, THREAD, QUIET, PREVIEW, STDERR, NO_MASK]
export const LINE_FLAGS: readonly Flag[] = [...COMMON, LINK]
export const CELL_FLAGS: readonly Flag[] = [RAW, INPUT, LIVE, ON, SLOW, ...COMMON]
