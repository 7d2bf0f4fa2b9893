// `%npm remove`: packages, and the types that came with them.
import { UsageError } from '../../../../post/arguments/usage-error.ts'
import { nearestNames } from '../../../../post/contract/nearest.ts'
import type { Parsed } from '../../../../post/arguments/parser.ts'
import type { LineMagicContext, Notebook } from '../magic.ts'
import { dependenciesOf } from './dependencies.ts'
import { requireProject } from './list.ts'
import { runManager } from './manager-run.ts'
import { managerOf, requireProgram } from './managers.ts'
import { packageNames } from './specs.ts'
import { typesName } from './types.ts'

export async function removePackages(
  words: string,
  { flags }: Parsed,
  context: LineMagicContext,
  notebook: Notebook,
): Promise<void> {
  const names = packageNames(words)
  if (names.length === 0) throw new UsageError('Expected the names of packages to remove')
  const project = requireProject(notebook)
  const known = dependenciesOf(project)
  for (const name of names) {
    if (known.has(name)) continue
    const near = nearestNames(name, known.keys())
    const others = near.length === 0 ? '' : `; near it are ${near.join(', ')}`
    throw new UsageError(`${project.file} has no ${name}${others}`)
  }
  const types = names
    .map(typesName)
    .filter((name) => known.get(name)?.isDev === true && !names.includes(name))
  const packages = [...names, ...types]
  const manager = flags.has('npm') ? { name: 'npm' as const, because: '' } : managerOf(project)
  requireProgram(manager, context.surroundings.env)
  context.stream('stdout', `Removing from ${project.file} ...\n`)
  const show = context.changingLine()
  const wish = {
    command: 'remove' as const,
    packages,
    ignoreScripts: flags.has('ignore-scripts'),
    legacyPeers: flags.has('legacy-peer-deps'),
  }
  try {
    const { seconds } = await runManager({ manager: manager.name, project, wish }, context, show)
    show(`Removed ${packages.join(', ')} (${seconds.toFixed(1)} s)`)
  } finally {
    notebook.packagesChanged(project.folder)
  }
}
