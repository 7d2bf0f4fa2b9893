// `%npm add`: into the nearest project, with types, to be used in the next cell.
import type { Parsed } from '../../../../post/arguments/parser.ts'
import type { LineMagicContext, Notebook } from '../magic.ts'
import { dependenciesOf } from './dependencies.ts'
import type { Dependency } from './dependencies.ts'
import { runManager } from './manager-run.ts'
import { managerOf, requireProgram } from './managers.ts'
import type { ManagerName, Wish } from './managers.ts'
import { NpmError } from './npm-error.ts'
import { makeProject, nearestProject, readManifest } from './project.ts'
import type { Project } from './project.ts'
import { packageSpecs } from './specs.ts'
import type { PackageSpec } from './specs.ts'
import { missingTypes } from './types.ts'

export async function addPackages(
  words: string,
  { flags }: Parsed,
  context: LineMagicContext,
  notebook: Notebook,
): Promise<void> {
  const nearest = flags.has('here') ? undefined : nearestProject(notebook.folder)
  const specs = packageSpecs(words, {
    folder: context.surroundings.folder,
    project: nearest?.folder ?? notebook.folder,
  })
  const manager =
    nearest && !flags.has('npm') ? managerOf(nearest) : { name: 'npm' as const, because: '' }
  requireProgram(manager, context.surroundings.env)
  const project = nearest ?? makeProject(notebook.folder)
  readManifest(project.file)
  const by = manager.name === 'npm' ? '' : ` by ${manager.name}`
  context.stream('stdout', `Installing into ${project.file}${by} ...\n`)
  const show = context.changingLine()
  const before = dependenciesOf(project)
  const wish: Wish = {
    command: 'add',
    packages: specs.map(({ text }) => text),
    isDev: flags.has('save-dev'),
    isExact: flags.has('save-exact'),
    ignoreScripts: flags.has('ignore-scripts'),
    legacyPeers: flags.has('legacy-peer-deps'),
  }
  const run = { manager: manager.name, project, wish }
  try {
    const { count, seconds } = await runManager(run, context, show)
    const added = addedTo(project, before, specs)
    const types = flags.has('no-types') ? [] : await typesFor(added, run, context, show)
    show(summary(added, types, { count, seconds }))
  } catch (error) {
    project.undo()
    throw error
  } finally {
    notebook.packagesChanged(project.folder)
  }
}

/** Those that were asked for, and those whose version changed. */
function addedTo(
  project: Project,
  before: ReadonlyMap<string, Dependency>,
  specs: readonly PackageSpec[],
): Dependency[] {
  const asked = new Set(specs.map(({ name }) => name))
  return [...dependenciesOf(project).values()].filter(
    ({ name, installed }) => asked.has(name) || before.get(name)?.installed !== installed,
  )
}

/** Packages are there without them: if they cannot be added, a line says so. */
async function typesFor(
  added: readonly Dependency[],
  run: { manager: ManagerName; project: Project; wish: Wish },
  context: LineMagicContext,
  show: (text: string) => void,
): Promise<Dependency[]> {
  const before = dependenciesOf(run.project)
  const surroundings = { ...context.surroundings, folder: run.project.folder }
  const packages = await missingTypes(added, before, surroundings, context.signal)
  if (packages.length === 0) return []
  const wish = { ...run.wish, packages, isDev: true }
  try {
    await runManager({ ...run, wish }, context, show)
  } catch (error) {
    if (!(error instanceof NpmError)) throw error
    context.notice(`${packages.join(', ')} could not be added. ${error.message}`)
  }
  return [...dependenciesOf(run.project).values()].filter(({ name }) => !before.has(name))
}

function summary(
  added: readonly Dependency[],
  types: readonly Dependency[],
  { count, seconds }: { count: number | undefined; seconds: number },
): string {
  const names = [...added, ...types].map(({ name, wanted, installed }) =>
    installed === undefined ? `${name} (${wanted}, not installed)` : `${name} ${installed}`,
  )
  const what = count === undefined ? [] : [count === 1 ? '1 package' : `${count} packages`]
  const how = [...what, `${seconds.toFixed(1)} s`].join(', ')
  return `Installed ${names.length === 0 ? 'what package.json names' : names.join(', ')} (${how})`
}
