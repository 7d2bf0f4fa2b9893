// `%npm`: packages of the notebook's project. Two never run at the same time.
import { UsageError } from '../../../../post/arguments/usage-error.ts'
import type { Parsed } from '../../../../post/arguments/parser.ts'
import { flagsNamed, lastWord } from '../flag-names.ts'
import type { LineMagicContext, Magic, Notebook } from '../magic.ts'
import { addPackages } from './add.ts'
import { dependenciesOf } from './dependencies.ts'
import { NPM_FLAGS } from './flags.ts'
import { freezePackages, listPackages } from './list.ts'
import { nearestProject } from './project.ts'
import { removePackages } from './remove.ts'

type Command = (words: string, args: Parsed, context: LineMagicContext) => Promise<void> | void

export function npmMagic(notebook: Notebook): Magic {
  let last: Promise<unknown> = Promise.resolve()
  const commands = commandsOf(notebook)
  return {
    name: 'npm',
    summary:
      'Adds, removes and lists packages of the nearest project; `freeze` offers a cell that installs the same versions.',
    line: {
      usage: '%npm add|remove|ls|freeze [flags] [PACKAGE[@VERSION]...]',
      flags: NPM_FLAGS,
      words: 1,
      flagsAnywhere: true,
      async run(args, context) {
        const [name = '', words = ''] = args.words
        const command = commands.get(name)
        if (!command) throw new UsageError(unknown(name))
        const before = last
        const { promise, resolve } = Promise.withResolvers<void>()
        last = promise
        try {
          await before
          context.signal.throwIfAborted()
          await command(words, args, context)
          return { action: 'packages' }
        } finally {
          resolve()
        }
      },
    },
    complete(text) {
      const word = lastWord(text)
      const [command = '', ...rest] = text.trimStart().split(/\s+/)
      if (word.startsWith('-')) return Promise.resolve(flagsNamed(word, NPM_FLAGS))
      const isRemoval = command === 'remove' || command === 'uninstall'
      const names = rest.length === 0 ? OFFERED : isRemoval ? installed(notebook) : []
      return Promise.resolve(names.filter((name) => name.startsWith(word)))
    },
  }
}

const OFFERED = ['add', 'remove', 'ls', 'freeze']

/** With the names that npm has for them, which people type by habit. */
function commandsOf(notebook: Notebook): ReadonlyMap<string, Command> {
  const add: Command = (words, args, context) => {
    if (words === '') throw new UsageError('Expected packages to add: `%npm add zod`')
    return addPackages(words, args, context, notebook)
  }
  const install: Command = (words, args, context) => addPackages(words, args, context, notebook)
  const remove: Command = (words, args, context) => removePackages(words, args, context, notebook)
  const list: Command = (words, _args, context) => listPackages(words, context, notebook)
  const freeze: Command = (words, _args, context) => freezePackages(words, context, notebook)
  return new Map([
    ['add', add],
    ...['install', 'i'].map((name) => [name, install] as const),
    ...['remove', 'uninstall', 'rm'].map((name) => [name, remove] as const),
    ...['ls', 'list'].map((name) => [name, list] as const),
    ['freeze', freeze],
  ])
}

function unknown(name: string): string {
  if (name === '') return 'Expected add, remove, ls or freeze'
  return `%npm has no command ${name}. \`! npm ${name} ...\` runs npm itself, in the current folder`
}

function installed(notebook: Notebook): string[] {
  const project = nearestProject(notebook.folder)
  return project ? [...dependenciesOf(project).keys()] : []
}
