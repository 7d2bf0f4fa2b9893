// The flags of `%npm`: those of npm that concern a notebook, and `--here`.
import type { Flag } from '../../../../post/contract/flags.ts'

export const NPM_FLAGS: readonly Flag[] = [
  { name: '--here', description: 'make a project in the folder of the notebook' },
  { name: '--save-dev', short: '-D', description: 'as a dependency of development' },
  { name: '--save-exact', short: '-E', description: 'exactly this version in package.json' },
  { name: '--no-types', description: 'add no @types/ for packages without types' },
  { name: '--ignore-scripts', description: 'run no scripts of the packages' },
  { name: '--legacy-peer-deps', description: 'ignore which versions packages need of each other' },
  { name: '--npm', description: 'use npm where another manager keeps the project' },
]
