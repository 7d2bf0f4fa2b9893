// `jupyterpost relay`: starts a local relay or, as a service of a Hub, the Hub's. Its flags are in
// `service/flags.ts`.
import { join } from 'node:path'
import { flagRows } from '../post/arguments/usage.ts'
import type { Flag } from '../post/contract/flags.ts'
import { FLAGS } from '../service/flags.ts'
import { EXIT } from './command.ts'
import type { Command } from './command.ts'

const PRINT: Flag = {
  name: '--print-hub-config',
  description: 'print what to paste into jupyterhub_config.py',
}

export const relay: Command = {
  summary: 'run the relay',
  usage: `Usage: jupyterpost relay [flags]
       jupyterpost relay --print-hub-config

${flagRows([...FLAGS, PRINT])}`,
  async run(argv, env) {
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
