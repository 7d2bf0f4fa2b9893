// `jupyterpost relay`: starts a local relay or, as a service of a Hub, the Hub's (its flags are in
// `service/flags.ts`); `jupyterpost relay reload` is for one that runs.
import { join } from 'node:path'
import { flagRows } from '../post/arguments/usage.ts'
import type { Flag } from '../post/contract/flags.ts'
import { FLAGS } from '../service/flags.ts'
import { EXIT } from './command.ts'
import type { Command } from './command.ts'
import { reload } from './relay-reload.ts'

const PRINT: Flag = {
  name: '--print-hub-config',
  description: 'print what to paste into jupyterhub_config.py',
}

export const relay: Command = {
  summary: 'run the relay',
  usage: `Usage: jupyterpost relay [flags]
       jupyterpost relay reload [--database FILE]
       jupyterpost relay --print-hub-config

reload  has the relay of this database read its policy again, as SIGHUP does; only for the user who
        runs it

${flagRows([...FLAGS, PRINT])}`,
  async run(argv, env) {
    if (argv[0] === 'reload') return reload(argv.slice(1), env)
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
