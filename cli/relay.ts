// `jupyterpost relay`: starts a local relay or, as a service of a Hub, the Hub's (its flags are in
// `service/flags.ts`); `reload`, `backup`, `restore` and `audit` are for its admin.
import { join } from 'node:path'
import { flagRows } from '../post/arguments/usage.ts'
import type { Flag } from '../post/contract/flags.ts'
import { FLAGS } from '../service/flags.ts'
import { EXIT } from './command.ts'
import type { Command } from './command.ts'
import { audit, AUDIT_FLAGS } from './relay-audit.ts'
import { backup, restore } from './relay-backup.ts'
import { reload } from './relay-reload.ts'

const PRINT: Flag = {
  name: '--print-hub-config',
  description: 'print what to paste into jupyterhub_config.py',
}

type Action = (argv: readonly string[], env: NodeJS.ProcessEnv) => Promise<number>
const ACTIONS: Readonly<Record<string, Action>> = { reload, backup, restore, audit }

export const relay: Command = {
  summary: 'run the relay',
  usage: `Usage: jupyterpost relay [flags]
       jupyterpost relay reload [--database FILE]
       jupyterpost relay backup FILE [--database FILE]
       jupyterpost relay restore FILE [--database FILE]
       jupyterpost relay audit [--since TIME] [--person NAME] [--post ID] [--json] [--database FILE]
       jupyterpost relay --print-hub-config

reload   has the relay of this database read its policy and token files again, as SIGHUP does; only
         for the user who runs it
backup   copies the database of a relay, which may run, to a new file
restore  puts a backup in the place of a database that is gone; no relay may be running
audit    prints who did what to which post

${flagRows([...FLAGS, PRINT, ...AUDIT_FLAGS])}`,
  async run(argv, env) {
    const [action = '', ...rest] = argv
    const run = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined
    if (run !== undefined) return run(rest, env)
    if (argv.length === 1 && argv[0] === PRINT.name) {
      const { hubConfigSnippet } = await import('../service/hub/snippet.ts')
      const { packageRoot } = await import('../install/package-root.ts')
      const script = join(packageRoot, 'bin', 'jupyterpost')
      process.stdout.write(hubConfigSnippet({ node: process.execPath, script }))
      return EXIT.accepted
    }
    const { hideEnvironment } = await import('../service/own-environment.ts')
    hideEnvironment(env)
    const { main } = await import('../service/main.ts')
    return main(argv, env)
  },
}
