// Which test files may run beside others. Most of them wait, for programs to start and for intervals.

/**
 * Files that measure times by the clock, or whose work steps back for all others (`WORK_PRIORITY`) and takes seconds: one at a time, with
 * nothing beside them.
 */
export const ALONE = [
  'kernel/test/quick-end',
  'kernel/test/stress/',
  'post/test/relay/hurry',
  'service/test/convert/(?:converter|relay)',
  'service/test/fuzz/',
  'service/test/hearing',
  'service/test/offload/',
  'service/test/inbox/usable',
  'test/bench',
]

/** Files that compute for long: behind all those that wait. */
export const BEHIND = ['test/linear/']

/** A pattern of all others. */
export const BESIDE = `^(?!.*(?:${[...ALONE, ...BEHIND].join('|')}))`
