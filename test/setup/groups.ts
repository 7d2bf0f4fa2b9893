// Which test files may run at the same time as others. Most of them wait: for programs to start, or
// for intervals.

/**
 * Files that measure time by the clock, or whose work yields to all other programs
 * (`WORK_PRIORITY`) and takes seconds: each runs alone.
 */
export const ALONE = [
  // The kernel gives types 3 s, then runs the cell without them.
  'kernel/test/language/types-magic',
  'kernel/test/quick-end',
  'kernel/test/stress/',
  'post/test/relay/hurry',
  'service/test/convert/(?:converter|relay)',
  'service/test/fuzz/',
  'service/test/hearing',
  'service/test/offload/',
  'service/test/soak/',
  'service/test/inbox/usable',
  'test/bench',
]

/** Files that compute for a long time: they run after those that mainly wait. */
export const BEHIND = ['test/linear/']

/** A pattern that matches all others. */
export const BESIDE = `^(?!.*(?:${[...ALONE, ...BEHIND].join('|')}))`
