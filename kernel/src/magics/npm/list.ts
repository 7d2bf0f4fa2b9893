// `%npm ls`: the direct dependencies of the project as a table. `%npm freeze`: a cell that installs
// exactly these, so that a notebook given to others reproduces itself.
import { UsageError } from '../../../../post/arguments/usage-error.ts'
import type { LineMagicContext, Notebook } from '../magic.ts'
import { dependenciesOf } from './dependencies.ts'
import type { Dependency } from './dependencies.ts'
import { NpmError } from './npm-error.ts'
import { nearestProject } from './project.ts'
import type { Project } from './project.ts'

/** Most rows that are shown. */
const ROWS = 500

/** @throws {NpmError} if there is none. */
export function requireProject({ folder }: Notebook): Project {
  const project = nearestProject(folder)
  if (project) return project
  throw new NpmError(
    `There is no package.json in ${folder} or above it: \`%npm add NAME\` makes one`,
  )
}

export function listPackages(
  words: string,
  context: Pick<LineMagicContext, 'stream'>,
  notebook: Notebook,
): void {
  noWords('ls', words)
  const project = requireProject(notebook)
  const dependencies = [...dependenciesOf(project).values()]
  const rows = dependencies
    .slice(0, ROWS)
    .map(({ name, wanted, installed = 'not installed', isDev }) => [
      name,
      installed,
      wanted,
      isDev ? 'development' : '',
    ])
  const more = dependencies.length > ROWS ? `[${dependencies.length - ROWS} more packages]\n` : ''
  const table =
    rows.length === 0 ? 'no packages\n' : inColumns([['package', 'version', 'wanted', ''], ...rows])
  context.stream('stdout', `${project.file}\n${table}${more}`)
}

export function freezePackages(
  words: string,
  context: Pick<LineMagicContext, 'notice' | 'setNextInput'>,
  notebook: Notebook,
): void {
  noWords('freeze', words)
  const project = requireProject(notebook)
  const dependencies = [...dependenciesOf(project).values()]
  const missing = dependencies.filter(({ installed }) => installed === undefined)
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(', ')
    context.notice(`Not installed, so left out: ${names}. \`%npm install\` installs them`)
  }
  // Types first: those that are there are not added by themselves, in another version.
  const lines = [
    addLine(
      '--save-dev ',
      dependencies.filter(({ isDev }) => isDev),
    ),
    addLine(
      '',
      dependencies.filter(({ isDev }) => !isDev),
    ),
  ].filter((line) => line !== '')
  if (lines.length === 0) throw new NpmError(`${project.file} has no packages that are installed`)
  context.setNextInput(lines.join('\n'), false)
}

function addLine(flags: string, dependencies: readonly Dependency[]): string {
  const specs = dependencies.filter(({ installed }) => installed !== undefined).map(exactSpec)
  return specs.length === 0 ? '' : `%npm add ${flags}${specs.join(' ')}`
}

/** A folder, a repository or an alias stays what it is. */
function exactSpec({ name, wanted, installed }: Dependency): string {
  const alias = wanted.startsWith('npm:') ? wanted.lastIndexOf('@') : -1
  const spec = alias > 'npm:'.length ? `${wanted.slice(0, alias)}@${installed}` : wanted
  const isVersion = !wanted.includes(':') && !wanted.includes('/')
  const text = `${name}@${isVersion ? installed : spec}`
  return /\s/.test(text) ? `"${text}"` : text
}

function noWords(command: string, words: string): void {
  if (words !== '') throw new UsageError(`%npm ${command} takes no packages, got ${words}`)
}

function inColumns(rows: ReadonlyArray<readonly string[]>): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  return rows
    .map((row) => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('')
}
