// `jupyterpost relay`: starts the relay of this machine or, as a service of a Hub, the Hub's. Flags are the service's own.
import { join } from 'node:path'
import { EXIT } from './command.ts'
import type { Command } from './command.ts'

export const relay: Command = {
  summary: 'run the relay',
  usage: `Usage: jupyterpost relay [flags]
       jupyterpost relay --print-hub-config

  --mode local|hub    hub if JUPYTERHUB_SERVICE_NAME is set, else local
  --listen HOST:PORT  default: 127.0.0.1 and a free port; on a Hub JUPYTERHUB_SERVICE_URL
  --database FILE     default: JUPYTERPOST_DATABASE
  --config FILE       several chat services and policies; default: JUPYTERPOST_CONFIG
  --print-hub-config  print what to paste into jupyterhub_config.py`,
  async run(argv, env) {
    if (argv.length === 1 && argv[0] === '--print-hub-config') {
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
