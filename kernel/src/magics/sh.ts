// `! command`, `%sh command` and `%%sh`: /bin/sh gets the line, or the body of the cell, as typed.
import { completeFile } from './files.ts'
import { lastWord } from './flag-names.ts'
import type { CellMagicContext, Magic, Notebook, Surroundings } from './magic.ts'
import { runCommand } from './shell.ts'
import { UsageError } from '../../../post/arguments/usage-error.ts'
import type { Outcome } from '../runtime/runtime.ts'

/** Commands that may change packages. */
const MANAGERS = /\b(?:npm|npx|pnpm|yarn|bun)\b/

/** @param surroundings - For completion: as the last magic found them. */
export function shellMagic(surroundings: () => Surroundings, notebook: Notebook): Magic {
  return {
    name: 'sh',
    summary:
      'Runs a shell command in the folder and environment of the notebook; `! COMMAND` is short for it.',
    line: {
      usage: '%sh COMMAND',
      flags: [],
      words: 0,
      asTyped: true,
      async run({ words: [command] }, context) {
        if (command === undefined) {
          throw new UsageError('Expected a command: `! ls -l` or `%sh ls -l`')
        }
        // The blank keeps a command that begins with a dash from being an option of the shell.
        const argv = ['/bin/sh', '-c', ` ${command}`] as const
        await runCommand({ argv, typed: command }, context.surroundings, context)
        if (!MANAGERS.test(command)) return undefined
        notebook.packagesChanged(context.surroundings.folder)
        return { action: 'packages' }
      },
    },
    cell: scriptCell('sh', '/bin/sh'),
    complete: (text) => Promise.resolve(completeFile(lastWord(text), surroundings())),
  }
}

/** A cell whose body is the script of a shell. It begins as `NAME -s ARGUMENTS` would. */
export function scriptCell(name: string, program: string): NonNullable<Magic['cell']> {
  return {
    usage: `%%${name} [ARGUMENTS]`,
    flags: [],
    words: 0,
    asTyped: true,
    run: ({ words: [args = ''] }, context) => runScript({ name, program, args }, context),
  }
}

async function runScript(
  { name, program, args }: { name: string; program: string; args: string },
  context: CellMagicContext,
): Promise<Outcome> {
  const { body } = context
  if (body.trim() === '') throw new UsageError(`Expected a script below %%${name}`)
  const typed = `%%${name}${args === '' ? '' : ` ${args}`}`
  // The shell splits the arguments, as it would on a command line.
  const argv = ['/bin/sh', '-c', `exec ${program} -s -- ${args}`] as const
  await runCommand({ argv, typed, input: body }, await context.surroundings(), context)
  return { status: 'ok' }
}
